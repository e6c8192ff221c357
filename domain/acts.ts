import type { AlertClass, AlertType, Classification } from './alert';
import { isMachines } from './incident';
import type { Hold, Resolution, Status, VerdictOverride } from './incident';
import type { Severity } from './severity';
import type { Verdict, VerdictState } from './verdict';

/** What people do with an incident. All of it pure: whoever calls holds the incident's lock. */

/** One thing that is done; the names are those of the workflow's updates. */
export type Act =
  | { act: 'reopen' }
  | { act: 'reclassify'; alert_type: AlertType }
  | { act: 'setSeverity'; severity: Severity }
  | { act: 'overrideVerdict'; verdict: Verdict }
  | { act: 'acknowledge' }
  | { act: 'hold'; until: string }
  | { act: 'resume' }
  | { act: 'close'; resolution: ByHand }
  | { act: 'assign'; assignee: string | null }
  | { act: 'note'; text: string };
export type ActName = Act['act'];

/** Acts that the incident's run carries out, in the order in which those of one request are done; the others need MySQL only. */
export const RUN_ACTS = [
  'reopen',
  'reclassify',
  'setSeverity',
  'overrideVerdict',
  'acknowledge',
  'hold',
  'resume',
  'close',
] as const satisfies readonly ActName[];
export type RunAct = (typeof RUN_ACTS)[number];

/** Acts that the incident's run carries out. */
export function isRunAct(act: Act): act is Extract<Act, { act: RunAct }> {
  return RUN_ACTS.some((name) => name === act.act);
}

const IN_ORDER: readonly ActName[] = [...RUN_ACTS, 'assign', 'note'];

/** Resolutions that a person may close with: that it closed itself is the machine's to say. */
export const RESOLUTIONS_BY_HAND = [
  'true_positive',
  'benign_true_positive',
  'false_positive',
  'duplicate',
] as const satisfies readonly Resolution[];
export type ByHand = (typeof RESOLUTIONS_BY_HAND)[number];

/** What is asked for at once: all of it is done, or nothing. */
export interface ActRequest {
  acts: Act[];
  /** Why; needed by some acts. */
  reason?: string;
}

const OPEN: readonly Status[] = ['new', 'investigating', 'open', 'escalated'];
const IN_HAND: readonly Status[] = ['acknowledged', 'on_hold'];

/** From which statuses what may be done, and to which it leads; what leads nowhere leaves the status as it is. */
export const MOVES: Record<RunAct, { from: readonly Status[]; to?: Status }> = {
  acknowledge: { from: [...OPEN, 'on_hold'], to: 'acknowledged' },
  hold: { from: [...OPEN, ...IN_HAND], to: 'on_hold' },
  resume: { from: ['on_hold'], to: 'acknowledged' },
  close: { from: [...OPEN, ...IN_HAND], to: 'closed' },
  reopen: { from: ['closed'], to: 'open' },
  overrideVerdict: { from: [...OPEN, ...IN_HAND] },
  setSeverity: { from: [...OPEN, ...IN_HAND] },
  reclassify: { from: [...OPEN, ...IN_HAND] },
};

/** Acts that make no sense without a reason. */
export const NEED_REASON: readonly ActName[] = ['overrideVerdict', 'hold'];
/** In characters. */
export const LONGEST_REASON = 2_000;
/** Longest hold. */
export const LONGEST_HOLD_DAYS = 366;
const DAY_MS = 86_400_000;

/** All of an incident that acts look at or change. */
export interface ActedOn {
  status: Status;
  resolution: Resolution | null;
  status_by: string | null;
  alert_type: AlertClass;
  classification: Classification;
  severity: Severity;
  severity_by: string | null;
  verdict: Verdict;
  verdict_state: VerdictState;
  verdict_override: VerdictOverride | null;
  score: number | null;
  hold: Hold | null;
  assignee: string | null;
  analyst_notes: string;
  suppressed_by: string | null;
  flagged: string | null;
  round: number;
  settled_round: number;
  next_check_at: string | null;
  related: readonly { relation: string; incident_id: string }[] | null;
}

export interface Actor {
  actor: string;
  at: string;
  /** The round that the incident's run is in, which need not be on record yet. */
  round?: number;
}

/** Why something is not done. `NotAllowed`: not as the incident stands; `InvalidRequest`: in no case. */
export interface Refusal {
  type: 'NotAllowed' | 'InvalidRequest';
  message: string;
  /** What of the request is wrong, where that can be named. */
  field?: 'until';
}

/** What becomes of an incident; `changes` is empty where it is so already. */
export interface Carried {
  changes: Partial<Omit<ActedOn, 'related'>>;
  /** In words, such as `closed it as false_positive`. */
  done: string[];
  /** For the audit: each changed field with what it was, and what the verdict's timeline is told. */
  detail: Record<string, unknown>;
}

/** Carries out a request, one act after the other, each on what the ones before it made. */
export function carryOut(incident: ActedOn, { acts, reason }: ActRequest, by: Actor): Carried | { refused: Refusal } {
  const carried: Carried = { changes: {}, done: [], detail: {} };
  for (const act of inOrder(acts)) {
    const now = { ...incident, ...carried.changes };
    if (isSo(act, now)) continue;
    const refused = refusalOf(act, now, reason, by);
    if (refused) return { refused };
    const effect = effectOf(act, now, reason ?? '', by);
    Object.assign(carried.changes, effect.changes);
    Object.assign(carried.detail, effect.detail);
    carried.done.push(effect.done);
  }
  return { ...carried, detail: { ...changedFields(incident, carried.changes), ...carried.detail } };
}

/**
 * Why a request is in vain, as far as that can be told by somebody who knows the status only, or not even that. What may be
 * so already is left to {@link carryOut}.
 */
export function foreseenRefusal(
  { acts, reason }: ActRequest,
  status: Status | undefined,
  at: string,
): Refusal | undefined {
  let now = status;
  for (const act of inOrder(acts)) {
    const to = isRunAct(act) ? MOVES[act.act].to : undefined;
    const refused = to !== undefined && to === now ? undefined : refusalOf(act, { status: now }, reason, { at });
    if (refused) return refused;
    now = to ?? now;
  }
  return undefined;
}

function inOrder(acts: readonly Act[]): Act[] {
  return [...acts].sort((a, b) => IN_ORDER.indexOf(a.act) - IN_ORDER.indexOf(b.act));
}

/** Why an act makes no sense on an incident as it stands; undefined when it does, or when it is so already. */
function refusalOf(
  act: Act,
  now: Partial<Pick<ActedOn, 'alert_type' | 'related' | 'resolution'>> & { status: Status | undefined },
  reason: string | undefined,
  { at }: Pick<Actor, 'at'>,
): Refusal | undefined {
  if (NEED_REASON.includes(act.act) && !reason) return invalid(`${act.act} needs a reason`);
  if (act.act === 'hold') {
    const ms = Date.parse(act.until) - Date.parse(at);
    if (!(ms > 0)) return { ...invalid(`A hold must end in the future, not at ${act.until}`), field: 'until' };
    if (ms > LONGEST_HOLD_DAYS * DAY_MS) {
      return { ...invalid(`A hold lasts at most ${LONGEST_HOLD_DAYS} days`), field: 'until' };
    }
  }
  if (act.act === 'assign' || act.act === 'note') return undefined;
  if (now.status !== undefined && !MOVES[act.act].from.includes(now.status)) {
    const stands = now.resolution ? `${now.status} as ${now.resolution}` : now.status;
    const hint = now.status === 'closed' ? '; reopen it first' : '';
    return notAllowed(`It is ${stands}: ${WORDS[act.act]} is not possible${hint}.`);
  }
  if (act.act === 'hold' && now.alert_type === 'unclassified') {
    return notAllowed('It is unclassified and has no playbook that would resume it: set its type first.');
  }
  if (act.act !== 'reopen') return undefined;
  const merged = now.related?.find(({ relation }) => relation === 'merged_into');
  return merged && notAllowed(`Its alerts are in ${merged.incident_id}: there is nothing to reopen.`);
}

const WORDS: Record<RunAct, string> = {
  reopen: 'reopening it',
  reclassify: 'giving it another type',
  setSeverity: 'setting its severity',
  overrideVerdict: 'overriding its verdict',
  acknowledge: 'acknowledging it',
  hold: 'putting it on hold',
  resume: 'resuming it',
  close: 'closing it',
};

function invalid(message: string): Refusal {
  return { type: 'InvalidRequest', message };
}

function notAllowed(message: string): Refusal {
  return { type: 'NotAllowed', message };
}

/** Asked for what is so already, nothing is done, and nothing refused: the request may be a repetition. */
function isSo(act: Act, now: ActedOn): boolean {
  switch (act.act) {
    case 'acknowledge':
    case 'resume':
      return now.status === 'acknowledged';
    case 'hold':
      return now.status === 'on_hold' && now.hold !== null && Date.parse(now.hold.until) === Date.parse(act.until);
    case 'close':
      return now.status === 'closed' && now.resolution === act.resolution;
    case 'overrideVerdict':
      return now.verdict_state === 'overridden' && now.verdict === act.verdict;
    case 'setSeverity':
      return now.severity === act.severity && now.severity_by !== null;
    case 'reclassify':
      return now.alert_type === act.alert_type;
    case 'assign':
      return now.assignee === act.assignee;
    case 'note':
      return now.analyst_notes === act.text;
    case 'reopen':
      return now.status === 'open';
  }
}

interface Effect {
  changes: Carried['changes'];
  done: string;
  detail?: Record<string, unknown>;
}

function effectOf(act: Act, now: ActedOn, reason: string, { actor, at, round = 0 }: Actor): Effect {
  // whoever acts has seen why it was marked
  const inHand = { status_by: actor, flagged: null };
  switch (act.act) {
    case 'acknowledge':
    case 'resume': {
      const done = now.status === 'on_hold' ? 'resumed it' : 'acknowledged it';
      return { changes: { ...inHand, status: 'acknowledged', hold: null }, done };
    }
    case 'hold':
      return {
        changes: { ...inHand, status: 'on_hold', hold: { reason, until: act.until, by: actor, at } },
        done: `put it on hold until ${act.until}`,
      };
    case 'close':
      return {
        changes: { ...inHand, status: 'closed', resolution: act.resolution, hold: null },
        done: `closed it as ${act.resolution}`,
      };
    case 'reopen': {
      const changes = { ...inHand, status: 'open', resolution: null, suppressed_by: null } as const;
      // without a playbook nobody looks after it; one that was closed as it came, or too soon, is yet to be judged
      const looked = now.alert_type === 'unclassified' ? {} : { next_check_at: at };
      const rounds = now.alert_type !== 'unclassified' && now.settled_round === 0 ? nextRound(now, round) : {};
      return { changes: { ...changes, ...looked, ...rounds }, done: 'reopened it' };
    }
    case 'setSeverity':
      return { changes: { severity: act.severity, severity_by: actor }, done: `set its severity to ${act.severity}` };
    case 'overrideVerdict': {
      const { verdict } = act;
      const verdict_change = { verdict, state: 'overridden', score: now.score, reason };
      return {
        changes: {
          ...{ verdict, verdict_state: 'overridden', flagged: null },
          verdict_override: { verdict, reason, by: actor, at },
        },
        done: `overrode the verdict: ${verdict}`,
        detail: { verdict_change },
      };
    }
    case 'reclassify':
      return reclassified(act.alert_type, now, reason, { actor, at, round });
    case 'assign':
      return {
        changes: { assignee: act.assignee },
        done: act.assignee === null ? 'took its assignee away' : `assigned it to ${act.assignee}`,
      };
    case 'note':
      return { changes: { analyst_notes: act.text }, done: 'changed the notes' };
  }
}

/** Its playbook begins with a round of its own; one under way, of the playbook before, settles nothing any more. */
function reclassified(alert_type: AlertType, now: ActedOn, reason: string, { actor, at, round = 0 }: Actor): Effect {
  const why = `${actor} says so${reason ? `: ${reason}` : ''}`;
  const status = now.alert_type === 'unclassified' ? 'new' : 'investigating';
  return {
    changes: {
      alert_type,
      classification: { alert_type, confidence: 1, reasons: [why] },
      ...nextRound(now, round),
      next_check_at: at,
      ...(isMachines(now) ? { status } : {}),
    },
    done: `reclassified it as ${alert_type}`,
  };
}

/** A round that has no step on record yet; those before it are over. */
function nextRound({ round }: ActedOn, underWay: number): Pick<ActedOn, 'round' | 'settled_round'> {
  const settled_round = Math.max(round, underWay);
  return { round: settled_round + 1, settled_round };
}

/** Fields whose change the audit tells; the others follow from them. */
const TOLD = [
  'status',
  'resolution',
  'alert_type',
  'severity',
  'verdict',
  'hold',
  'suppressed_by',
  'assignee',
  'analyst_notes',
] as const satisfies readonly (keyof ActedOn)[];

function changedFields(before: ActedOn, changes: Carried['changes']): Record<string, unknown> {
  return Object.fromEntries(
    TOLD.filter((name) => name in changes && changes[name] !== before[name]).map((name) => [
      name,
      { from: before[name], to: changes[name] },
    ]),
  );
}
