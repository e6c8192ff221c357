import type { SiteSource } from '../config/site';
import type { Accepted } from '../db/repositories/alerts';
import type { Store } from '../db/store';
import { classify, filedAs } from '../domain/classify';
import type { ParsedAlert } from '../domain/formats';
import { extractObservables } from '../domain/observables';
import { titleOf } from '../domain/title';

/** How an alert came in. */
export interface Receipt {
  /** The exact bytes that were submitted. */
  original: Buffer;
  /** What stands for an alert without an id, where the bytes brought others too. */
  identityBody?: Buffer;
  mediaType: string;
  receivedAt: string;
  /** Name of the key that submitted it. */
  actor: string;
  idempotencyKey?: string | undefined;
}

/** The road from a parsed alert to an incident: classify → extract → one transaction. */
export function acceptAlert(
  { alert, format, extra, eventClasses }: ParsedAlert,
  receipt: Receipt,
  { store, site }: { store: Pick<Store, 'alerts'>; site: SiteSource },
): Promise<Accepted> {
  const known = site.current();
  const classification = classify(alert, { format, eventClasses }, known.classification);
  const { alert_type } = classification;
  const classified = filedAs(alert, alert_type);
  return store.alerts.accept({
    alert: classified,
    format,
    extra,
    classification,
    observables: extractObservables(classified, known),
    title: titleOf(alert, alert_type),
    ...receipt,
  });
}
