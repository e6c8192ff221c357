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

/** How much there was of it. Rules know thresholds: another order of magnitude is another thing said. */
const AMOUNTS: readonly (keyof Alert)[] = ['bytes_out', 'failed_attempts'];

/**
 * All of an alert that rules may look at, as one text: alerts with the same text say the same, and stand for each other,
 * however many they are. What they name is part of it, with the roles.
 */
export function saying(alert: Alert, observables: readonly Observable[]): string {
  return canonicalJson([gist(alert, observables), circumstances(alert)]);
}

/** What an alert says but for when, and how much exactly: one whose gist is known tells an incident nothing new. */
export function gist(alert: Alert, observables: readonly Observable[]): string {
  const fields = Object.entries(alert)
    .filter(([name]) => !VOLATILE.includes(name as keyof Alert))
    .map(([name, value]): [string, unknown] => {
      if (AMOUNTS.includes(name as keyof Alert) && typeof value === 'number') return [name, magnitude(value)];
      const isCounted = COUNTED.includes(name as keyof Alert) && typeof value === 'string';
      return [name, isCounted ? value.replace(TIMES, '0').replace(NUMBERS, '0') : value];
    });
  const named = observables.map((one) => [observableId(one), ...one.roles]);
  return canonicalJson({ fields: Object.fromEntries(fields), named });
}

/** The rest of what an alert says. */
export function circumstances({ timestamp, bytes_out, failed_attempts }: Alert): string {
  const quarter = timestamp === undefined ? null : Math.floor(Date.parse(timestamp) / QUARTER_MS);
  return canonicalJson([quarter, bytes_out ?? null, failed_attempts ?? null]);
}

/** Doublings: no threshold lies far from the next one. */
function magnitude(amount: number): number {
  return amount < 1 ? 0 : 1 + Math.floor(Math.log2(amount));
}

/** True for an alert of which a few more may add up to much. */
export function hasAmount(alert: Alert): boolean {
  return AMOUNTS.some((name) => alert[name] !== undefined);
}
