import type { Alert, Tlp } from './alert';
import type { SourceState } from './enrichment';
import type { Observable, ObservableFlag } from './observable';
import { tlpOf } from './tlp';

/** Why an outside source is not asked about an observable. */
export interface Withheld {
  state: Extract<SourceState, 'not_applicable' | 'not_sent'>;
  reason: string;
}

const BY_FLAG: Partial<Record<ObservableFlag, Withheld>> = {
  own: { state: 'not_sent', reason: 'it belongs to this site' },
  private: { state: 'not_applicable', reason: 'a private address means nothing outside' },
  reserved: { state: 'not_applicable', reason: 'a reserved address means nothing outside' },
  internal_name: { state: 'not_sent', reason: 'the name cannot be public' },
};

const TLP_STAYS_INSIDE: readonly Tlp[] = ['red', 'amber+strict'];

/**
 * The gate before anything leaves the house: own, private and reserved addresses, internal names, and alerts whose TLP
 * forbids sharing. Undefined means the observable may be sent.
 */
export function withheld(observable: Observable, alerts: readonly Alert[]): Withheld | undefined {
  const label = alerts.map(tlpOf).find((tlp) => tlp !== undefined && TLP_STAYS_INSIDE.includes(tlp));
  if (label) return { state: 'not_sent', reason: `the alert is TLP:${label.toUpperCase()}` };
  return observable.flags.map((flag) => BY_FLAG[flag]).find((rule) => rule !== undefined);
}
