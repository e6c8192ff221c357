import type { Verdict, VerdictState } from './verdict';

export const STATUSES = ['new', 'investigating', 'open', 'escalated', 'acknowledged', 'on_hold', 'closed'] as const;
export type Status = (typeof STATUSES)[number];

/** Statuses that the machine gives; in any other an analyst has acted, which no rule undoes. */
const MACHINE_STATUSES: readonly Status[] = ['new', 'investigating', 'open', 'escalated'];

export const RESOLUTIONS = [
  'auto_benign',
  'true_positive',
  'benign_true_positive',
  'false_positive',
  'duplicate',
] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** Why an incident rests, and until when. */
export interface Hold {
  reason: string;
  until: string;
  by: string;
  at: string;
}

interface Standing {
  status: Status;
  resolution: Resolution | null;
  verdict_state: VerdictState;
  /** Who has set the status by hand; null while it is the machine's. */
  status_by: string | null;
}

/**
 * True while no analyst has taken the incident, or its verdict, into hand. One that closed itself is the machine's still:
 * evidence that comes later opens it again.
 */
export function isMachines({ status, resolution, verdict_state, status_by }: Standing): boolean {
  if (verdict_state === 'overridden' || status_by !== null) return false;
  return MACHINE_STATUSES.includes(status) || (status === 'closed' && resolution === 'auto_benign');
}

/** Of the column, in characters. */
const LONGEST_FLAG = 500;

/**
 * What an analyst has in hand, or has closed, keeps its status; but that the rules would call somebody, and did not before, is
 * marked, so that it is heard.
 */
export function secondLook(
  {
    status,
    resolution,
    decision,
  }: Pick<Standing, 'status' | 'resolution'> & { decision: Pick<Decision, 'outcome'> | null },
  { outcome, reason }: Pick<Decision, 'outcome' | 'reason'>,
): { flagged?: string } {
  if (outcome !== 'escalate' || decision?.outcome === 'escalate' || resolution === 'true_positive') return {};
  const why = status === 'closed' ? 'came as it was being closed' : 'has come since it was taken in hand';
  return { flagged: `It would be escalated by what ${why}: ${reason}`.slice(0, LONGEST_FLAG) };
}

/**
 * How a round leaves an incident: as the rules decided; but what an analyst has taken into hand, or what nothing was decided
 * about, keeps its status.
 */
export function standingAfter(
  incident: Standing,
  decision: Pick<Decision, 'status' | 'resolution'> | null,
): Pick<Standing, 'status' | 'resolution'> {
  const { status, resolution } = decision && isMachines(incident) ? decision : incident;
  return { status: status === 'investigating' ? 'open' : status, resolution };
}

/** An analyst's verdict, which is in force instead of the machine's. */
export interface VerdictOverride {
  verdict: Verdict;
  reason: string;
  by: string;
  at: string;
}

/** What a playbook's rules make of a verdict. */
export interface Decision {
  outcome: 'close' | 'open' | 'escalate';
  status: Extract<Status, 'closed' | 'open' | 'escalated'>;
  resolution: Resolution | null;
  /** Which rule fired, in words. */
  reason: string;
  recommendations: string[];
  /** MITRE ATT&CK techniques, by id: those the alerts name, then those the playbook finds. Absent in decisions of before. */
  techniques?: string[];
  /** When a person is to have taken it up and when it is to be closed, by the site's service levels, RFC 3339. */
  due?: { acknowledge: string; close: string };
}
