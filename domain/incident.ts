export const STATUSES = ['new', 'investigating', 'open', 'escalated', 'acknowledged', 'on_hold', 'closed'] as const;
export type Status = (typeof STATUSES)[number];

/** Statuses that belong to the machine; in any other an analyst has acted, which no rule undoes. */
export const MACHINE_STATUSES: readonly Status[] = ['new', 'investigating', 'open', 'escalated'];

export const RESOLUTIONS = [
  'auto_benign',
  'true_positive',
  'benign_true_positive',
  'false_positive',
  'duplicate',
] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** What a playbook's rules make of a verdict. */
export interface Decision {
  outcome: 'close' | 'open' | 'escalate';
  status: Extract<Status, 'closed' | 'open' | 'escalated'>;
  resolution: Resolution | null;
  /** Which rule fired, in words. */
  reason: string;
  recommendations: string[];
}
