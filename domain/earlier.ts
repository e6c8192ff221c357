import type { AlertClass } from './alert';
import type { Resolution } from './incident';
import type { ObservableId } from './observable';
import type { Verdict } from './verdict';

/** Name under which what earlier incidents tell stands: they were judged by evidence of their own. */
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
}

/** True while it is held to be harm: the machine or an analyst says so, and nobody has taken that back. */
export function isAlarming({ verdict, resolution }: EarlierIncident): boolean {
  const takenBack = resolution === 'false_positive' || resolution === 'benign_true_positive';
  return (verdict === 'suspicious' || verdict === 'malicious') && !takenBack;
}
