import type { AlertClass } from './alert';
import type { Resolution } from './incident';
import type { ObservableId } from './observable';
import type { Verdict } from './verdict';

/** Name under which what earlier incidents tell stands: each was judged for itself, and this alert cannot claim it. */
export const EARLIER_SOURCE = 'earlier';

/** How far back an incident looks for others that share something with it, ms. */
export const EARLIER_WITHIN_MS = 24 * 60 * 60 * 1000;

/** Another incident as it stood when this one was judged. */
export interface EarlierIncident {
  id: string;
  alert_type: AlertClass;
  /** The verdict in force. */
  verdict: Verdict;
  resolution: Resolution | null;
  /** When its first alert was seen, RFC 3339. */
  at: string;
  /** What both incidents name: hosts, users, sources, files. */
  shares: ObservableId[];
  /** The hosts it was about. */
  hosts: string[];
  /** MITRE ATT&CK ids that it was decided with; absent where nobody has said. */
  techniques?: string[];
}

/** True when the machine is sure of it, or an analyst has confirmed it. */
export function isProven({ verdict, resolution }: EarlierIncident): boolean {
  return verdict === 'malicious' || resolution === 'true_positive';
}

/** True while it is held to be harm: the machine or an analyst says so, and nobody has taken that back. */
export function isAlarming({ verdict, resolution }: Pick<EarlierIncident, 'verdict' | 'resolution'>): boolean {
  const takenBack = resolution === 'false_positive' || resolution === 'benign_true_positive';
  return (verdict === 'suspicious' || verdict === 'malicious') && !takenBack;
}

/** In one order, whatever order they were found in: the latest first, what they share and their hosts by name. */
export function latestFirst(earlier: readonly EarlierIncident[]): EarlierIncident[] {
  return earlier
    .map((one) => ({ ...one, shares: [...one.shares].sort(), hosts: [...one.hosts].sort() }))
    .sort((a, b) => (a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? 1 : -1));
}
