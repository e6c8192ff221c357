import type { SiteSource } from '../config/site';
import type { Accepted } from '../db/repositories/alerts';
import type { Store } from '../db/store';
import type { Alert } from '../domain/alert';
import { classify, filedAs } from '../domain/classify';
import { correlationOf, type Correlation } from '../domain/correlation';
import type { ParsedAlert } from '../domain/formats';
import type { Observable } from '../domain/observable';
import { extractObservables } from '../domain/observables';
import type { SiteKnowledge } from '../domain/site';
import { suppressedKey, suppressionOf } from '../domain/suppression';
import { titleOf } from '../domain/title';
import type { StartableIncident } from './gateway';

/** How an alert came in. */
export interface Receipt {
  /** The exact bytes that were submitted. */
  original: Buffer;
  /** They are kept already. */
  originalKept?: boolean;
  /** What stands for an alert without an id, where the bytes brought others too. */
  identityBody?: Buffer;
  mediaType: string;
  receivedAt: string;
  /** Name of the key that submitted it. */
  actor: string;
  idempotencyKey?: string | undefined;
}

export interface AcceptDeps {
  store: Pick<Store, 'alerts' | 'suppressions'>;
  site: SiteSource;
  /** Within which further alerts of one story join its incident, ms; 0 = off. */
  correlationWindowMs: number;
}

/** The road from a parsed alert to an incident: classify → extract → correlate → known already? → one transaction. */
export async function acceptAlert(
  { alert, format, extra, eventClasses, sharesId }: ParsedAlert,
  receipt: Receipt,
  { store, site, correlationWindowMs }: AcceptDeps,
): Promise<Accepted> {
  const known = site.current();
  const classification = classify(alert, { format, eventClasses }, known.classification);
  const { alert_type } = classification;
  const classified = filedAs(alert, alert_type);
  const { observables, correlation } = readAlert(classified, known, correlationWindowMs);
  const active = await store.suppressions.active(receipt.receivedAt);
  const suppression = suppressionOf(classified, observables, active);
  return store.alerts.accept({
    alert: classified,
    format,
    extra,
    sharesId,
    classification,
    title: titleOf(alert, alert_type),
    observables,
    suppression,
    correlation: suppression ? suppressedKey(correlation, suppression.id) : correlation,
    ...receipt,
  });
}

/** What an alert names, and what it correlates by; `unclassified` where it was filed under nothing. */
export function readAlert(
  alert: Alert,
  known: SiteKnowledge,
  correlationWindowMs: number,
): { observables: Observable[]; correlation: Correlation | null } {
  const filed = { ...alert, alert_type: alert.alert_type ?? ('unclassified' as const) };
  return {
    observables: extractObservables(alert, known),
    correlation: correlationOf(filed, known, correlationWindowMs),
  };
}

/**
 * After the commit and without waiting: the answer promises the alert, not its run. A repeated alert whose incident is
 * still `new` asks again, since its first start may have been lost.
 */
export function tellEngine<R>(
  accepted: Accepted,
  engine: Record<'start' | 'rouse', (one: StartableIncident) => R>,
): R | undefined {
  const { incidentId: id, alertType, severity, source, title, status, verdict, score } = accepted;
  if (alertType === 'unclassified') return undefined;
  const incident = { id, alertType, severity, source, title, status, verdict, score };
  if (accepted.rouse) return engine.rouse(incident);
  // what has joined is not needed for the start, and there may be thousands
  return status === 'new' && (!accepted.correlated || accepted.duplicate) ? engine.start(incident) : undefined;
}
