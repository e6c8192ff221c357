import { isMachines } from './incident';
import type { Decision, Resolution, Status } from './incident';
import type { Assessment, VerdictState } from './verdict';

/**
 * `compared`: the differences stand there for somebody to look at, and to apply until the job expires; nothing has been
 * changed yet.
 */
export const RESCORE_STATES = ['comparing', 'compared', 'applying', 'applied', 'expired'] as const;
export type RescoreState = (typeof RESCORE_STATES)[number];

/**
 * What applying does beside the verdict. `verdict`: nothing. `machine_verdict`: an analyst's verdict is in force and stays,
 * only the machine's beside it changes. `flag`: the incident has closed itself and stays closed, marked for a second look.
 */
export const RESCORE_EFFECTS = ['verdict', 'machine_verdict', 'open', 'escalate', 'close', 'flag', 'reopen'] as const;
export type RescoreEffect = (typeof RESCORE_EFFECTS)[number];

/** How long differences may be applied after they were found, ms. */
export const RESCORE_EXPIRES_MS = 7 * 24 * 60 * 60 * 1000;

interface Standing {
  status: Status;
  resolution: Resolution | null;
  verdict_state: VerdictState;
  /** Why one that closed itself needs a second look. */
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

/**
 * What a re-scoring makes of an incident. What an analyst has taken into hand keeps its status; the machine's own follows
 * the new decision, but for one that closed itself: nobody is called back to it unless that was asked for.
 */
export function standingRescored(
  incident: Standing,
  assessment: Pick<Assessment, 'verdict' | 'score'>,
  decision: Decision,
  { mayClose, reopen }: RestandingOptions,
): Restanding {
  const { status, resolution, flagged } = incident;
  const stays = { status, resolution, flagged };
  if (incident.verdict_state === 'overridden') return { ...stays, effect: 'machine_verdict' };
  if (!isMachines(incident)) return { ...stays, effect: 'verdict' };
  if (decision.outcome === 'close') {
    if (status === 'closed') return { ...stays, flagged: null, effect: 'verdict' };
    if (!mayClose) return { ...stays, effect: 'verdict' };
    return { status: 'closed', resolution: decision.resolution, flagged: null, effect: 'close' };
  }
  if (status === 'closed' && !reopen) return { ...stays, flagged: flagText(assessment, decision), effect: 'flag' };
  const effect = status === 'closed' ? 'reopen' : status === decision.status ? 'verdict' : decision.outcome;
  return { status: decision.status, resolution: decision.resolution, flagged: null, effect };
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
