import type { Alert } from './alert';
import { canonicalJson } from './canonical-json';
import { observableId, type Observable } from './observable';

/** Two alerts of a storm differ in these, and no rule looks at them. */
const VOLATILE: readonly (keyof Alert)[] = ['alert_id', 'timestamp', 'src_port'];
/** Log lines and titles count and stamp; but for that they say the same. */
const COUNTED: readonly (keyof Alert)[] = ['title', 'description', 'email_subject', 'raw_log'];
const TIMES = /\d{4}-\d\d-\d\dT[\d:.,]{5,20}(?:Z|[+-]\d\d:?\d\d)?/g;
/** Standing alone: what is part of a word, such as `0xc000006a` or `T1110`, is one that rules know. */
const NUMBERS = /(?<![a-z0-9])\d{1,20}(?![a-z0-9])/gi;
/** Rules about working hours tell quarters of an hour apart. */
const QUARTER_MS = 15 * 60_000;

/**
 * All of an alert that rules may look at, as one text: alerts with the same text say the same, and stand for each other,
 * however many they are. What they name is part of it, with the roles.
 */
export function saying(alert: Alert, observables: readonly Observable[]): string {
  const fields = Object.entries(alert)
    .filter(([name]) => !VOLATILE.includes(name as keyof Alert))
    .map(([name, value]): [string, unknown] => [
      name,
      COUNTED.includes(name as keyof Alert) && typeof value === 'string'
        ? value.replace(TIMES, '0').replace(NUMBERS, '0')
        : value,
    ]);
  const quarter = alert.timestamp === undefined ? null : Math.floor(Date.parse(alert.timestamp) / QUARTER_MS);
  const named = observables.map((one) => [observableId(one), ...one.roles]);
  return canonicalJson({ fields: Object.fromEntries(fields), quarter, named });
}
