import type { Alert, AlertClass, AlertType } from './alert';
import type { Correlation } from './correlation';
import { addressOf } from './endpoint';
import { normaliseHostname } from './hostnames';
import { normaliseValue } from './normalise';
import { OBSERVABLE_TYPES, observableId } from './observable';
import type { Observable, ObservableId, ObservableType } from './observable';

/** What somebody knows already. All of it pure: whoever calls has read which suppressions there are. */

/** What alerts have in common: all that is not null must hold. */
export interface SuppressionPattern {
  alert_type: AlertType | null;
  observable: ObservableId | null;
  /** Id or name of the source's rule. */
  rule: string | null;
  source: string | null;
}

/** What somebody wants a pattern to be, as it was written. */
type WantedPattern = { [Name in keyof SuppressionPattern]?: string | null | undefined };

/** Whether a pattern is all of one type, or all that one tool sends: too much to be meant by accident. */
export function isBroad({ alert_type, observable, rule, source }: WantedPattern): boolean {
  return !observable && !rule && Boolean(alert_type) !== Boolean(source);
}

/** A pattern, and how long it holds. */
export interface Suppression extends SuppressionPattern {
  id: string;
  created_at: string;
  expires_at: string;
  removed_at: string | null;
}

/** Longest that a pattern may hold. */
export const LONGEST_SUPPRESSION_DAYS = 366;
const DAY_MS = 86_400_000;

/** Why a pattern cannot hold until some time; undefined when it can. */
export function expiryProblem(expiresAt: string, now: string): string | undefined {
  const ms = Date.parse(expiresAt) - Date.parse(now);
  if (!(ms > 0)) return 'Must be in the future';
  return ms > LONGEST_SUPPRESSION_DAYS * DAY_MS ? `Must be at most ${LONGEST_SUPPRESSION_DAYS} days ahead` : undefined;
}

export function isActive(
  { expires_at, removed_at }: Pick<Suppression, 'expires_at' | 'removed_at'>,
  now: string,
): boolean {
  return removed_at === null && Date.parse(now) < Date.parse(expires_at);
}

/**
 * The suppression that an alert comes under: of several the oldest.
 * @param suppressions active ones
 */
export function suppressionOf<S extends Suppression>(
  alert: Pick<Alert, 'source' | 'rule_id' | 'rule_name'> & { alert_type: AlertClass },
  observables: readonly Observable[],
  suppressions: readonly S[],
): S | undefined {
  // what a text only mentions may be put there by an attacker
  const named = new Set(
    observables.filter(({ roles }) => roles.some((role) => role !== 'mentioned')).map(observableId),
  );
  const matches = ({ alert_type, observable, rule, source }: SuppressionPattern) =>
    (alert_type === null || alert_type === alert.alert_type) &&
    (observable === null || named.has(observable)) &&
    (rule === null || isSame(rule, alert.rule_id) || isSame(rule, alert.rule_name)) &&
    (source === null || isSame(source, alert.source));
  return suppressions
    .filter(matches)
    .sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at) || (a.id < b.id ? -1 : 1))[0];
}

function isSame(wanted: string, text: string | undefined): boolean {
  return text?.trim().toLowerCase() === wanted.trim().toLowerCase();
}

/** What makes alerts of one story one incident while they are known: its key is that of no alert that is not. */
export function suppressedKey(correlation: Correlation | null, suppression: string): Correlation | null {
  if (correlation === null) return null;
  const { key, fields, ...rest } = correlation;
  return { ...rest, key: `${key} suppression=${suppression}`, fields: { ...fields, suppression } };
}

/** The name of an observable in the one spelling that alerts have it in. Undefined when it is no observable. */
export function patternObservable(text: string): ObservableId | undefined {
  const colon = text.indexOf(':');
  const type = OBSERVABLE_TYPES.find((known) => known === text.slice(0, colon).trim().toLowerCase());
  const value = type && observedValue(type, text.slice(colon + 1));
  return type && value !== undefined ? observableId({ type, value }) : undefined;
}

/** An alert names no ranges, and a host as the name that it is. */
function observedValue(type: ObservableType, text: string): string | undefined {
  if (type === 'ip') return addressOf(text);
  const value = normaliseValue(type, text);
  return type === 'host' && value !== undefined ? (normaliseHostname(value) ?? value) : value;
}

const NAMES = { alert_type: 'type', observable: 'observable', rule: 'rule', source: 'source' } as const;

/** The pattern in words: `type brute_force, observable ip:192.0.2.1`. */
export function patternText(pattern: SuppressionPattern): string {
  const names = Object.keys(NAMES) as (keyof typeof NAMES)[];
  return names.flatMap((name) => (pattern[name] === null ? [] : [`${NAMES[name]} ${pattern[name]}`])).join(', ');
}
