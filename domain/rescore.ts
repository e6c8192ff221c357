import { isMachines } from './incident';
import type { Decision, Resolution, Status } from './incident';
import type { Assessment, Verdict, VerdictState } from './verdict';

/**
 * `compared`: the differences stand there for somebody to look at, and to apply until the job expires; nothing has been
 * changed yet.
 */
export const RESCORE_STATES = ['comparing', 'compared', 'applying', 'applied', 'expired'] as const;
export type RescoreState = (typeof RESCORE_STATES)[number];

/**
 * What applying does beside the verdict. `verdict`: nothing. `machine_verdict`: an analyst's verdict is in force and stays,
 * only the machine's beside it changes. `flag`: the incident stays closed, marked for a second look.
 */
export const RESCORE_EFFECTS = ['verdict', 'machine_verdict', 'open', 'escalate', 'close', 'flag', 'reopen'] as const;
export type RescoreEffect = (typeof RESCORE_EFFECTS)[number];

/** How long differences may be applied after they were found, ms. */
export const RESCORE_EXPIRES_MS = 7 * 24 * 60 * 60 * 1000;

interface Standing {
  status: Status;
  resolution: Resolution | null;
  verdict: Verdict;
  verdict_state: VerdictState;
  status_by: string | null;
  assignee: string | null;
  /** Why a closed one needs a second look. */
  flagged: string | null;
}

/** How a re-scored incident stands. */
export interface Restanding extends Pick<Standing, 'status' | 'resolution' | 'flagged'> {
  effect: RescoreEffect;
}

export interface RestandingOptions {
  /** Nothing waits, and every alert has been looked at. */
  mayClose: boolean;
  /** One that closed itself is opened again, instead of flagged. */
  reopen: boolean;
}

/** Verdicts, the worse the later. */
const FROM_BEST: readonly Verdict[] = ['benign', 'unknown', 'suspicious', 'malicious'];

/**
 * What a re-scoring makes of an incident. What an analyst has taken into hand, or is assigned to, keeps its status; the
 * machine's own follows the new decision, but for one that closed itself: nobody is called back to it unless that was
 * asked for. One that an analyst has closed is never opened again, but flagged when its verdict has become worse.
 */
export function standingRescored(
  incident: Standing,
  assessment: Pick<Assessment, 'verdict' | 'score'>,
  decision: Decision,
  { mayClose, reopen }: RestandingOptions,
): Restanding {
  const { status, resolution, flagged, assignee } = incident;
  const stays = { status, resolution, flagged };
  if (incident.verdict_state === 'overridden') return { ...stays, effect: 'machine_verdict' };
  if (status === 'closed') {
    if (!needsSecondLook(incident, assessment, decision)) return { ...stays, flagged: null, effect: 'verdict' };
    const reopens = reopen && isMachines(incident) && assignee === null;
    if (!reopens) return { ...stays, flagged: flagText(assessment, decision), effect: 'flag' };
  } else {
    if (!isMachines(incident) || assignee !== null) return { ...stays, effect: 'verdict' };
    if (decision.outcome === 'close' && !mayClose) return { ...stays, effect: 'verdict' };
  }
  const effect = status === 'closed' ? 'reopen' : status === decision.status ? 'verdict' : decision.outcome;
  return { status: decision.status, resolution: decision.resolution, flagged: null, effect };
}

/**
 * Whether a closed incident would not be closed today: one that closed itself, by the rules; one that an analyst has closed,
 * and not because the alert was right, when its verdict is worse than then. What was flagged for that stays so until benign.
 */
function needsSecondLook(
  incident: Standing,
  { verdict }: Pick<Assessment, 'verdict'>,
  { outcome }: Pick<Decision, 'outcome'>,
): boolean {
  if (isMachines(incident)) return outcome !== 'close';
  if (incident.resolution === 'true_positive') return false;
  const isWorse = FROM_BEST.indexOf(verdict) > FROM_BEST.indexOf(incident.verdict);
  return isWorse || (incident.flagged !== null && verdict !== 'benign');
}

/**
 * Whether a re-scoring has anything to do: it comes out differently, or it is to be opened again and came out so before.
 */
export function isChange(differs: boolean, effect: RescoreEffect): boolean {
  return differs || effect === 'reopen';
}

/** Of the column, in characters. */
const LONGEST_FLAG = 500;

function flagText({ verdict, score }: Pick<Assessment, 'verdict' | 'score'>, { status, reason }: Decision): string {
  return `Re-scored as ${verdict}, ${score} of 100, it would be ${status}: ${reason}`.slice(0, LONGEST_FLAG);
}
