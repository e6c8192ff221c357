import { activityInfo } from '@temporalio/activity';
import type { FinishInput, IncidentRow, Transaction } from '../db/store';
import type { StepInput } from './contract';
import type { ActivityDeps } from './deps';

type Deps = Pick<ActivityDeps, 'store' | 'clock'>;

/** Names a step's one row in the audit trail. */
export interface Action {
  key: string;
  name: string;
  provider?: string;
  observable?: string;
  /** Default `playbook`. */
  actor?: string;
}

/** What a step did: the result it returns, and the row that says so. */
export interface Finished<R> {
  status: FinishInput['status'];
  result: R;
  /** One line for people. */
  summary: string;
  /** Everything an investigation may ask for months later, beside the result. */
  detail?: Record<string, unknown>;
  raw?: FinishInput['raw'];
  /** What becomes of the incident, which is given as it is under its lock. */
  effect?: (incident: IncidentRow) => Effect;
  /** The step's own changes to other tables, in the row's transaction. */
  apply?: FinishInput['apply'];
}

export interface Effect {
  changes: Partial<IncidentRow>;
  /** Stands in the row's detail, beside the rest. */
  detail?: Record<string, unknown>;
}

/** True when the round has been settled meanwhile: what an analyst did asks for another one. */
export function isOvertaken({ settled_round }: Pick<IncidentRow, 'settled_round'>, { round }: StepInput): boolean {
  return settled_round >= round;
}

/** Of a step whose round is overtaken: it is on record, and changes nothing. */
export const OVERTAKEN: Effect = { changes: {}, detail: { overtaken: true } };

/** Carries out a write; a lookup holds its answer and retries only this. */
export type Writer = <T>(write: () => Promise<T>) => Promise<T>;

/**
 * Runs a step once per action key. Its row, its raw document and its changes are written in one transaction that first
 * checks the run's claim; when the row is there already nothing is changed, and what it says is the result.
 *
 * A step that only computes may do so again to find that out; one that asks outside looks first, see {@link sentOnce}.
 *
 * A step that must wait leaves a row of its own, `<key>#waiting`, at the first refusal; its key stays free for the
 * answer. (`#`, because a key may name a URL, which can end in `/waiting` but is kept without its fragment.)
 *
 * @throws ClaimLostError when another run has claimed the incident
 */
export async function once<R>(
  deps: Deps,
  step: StepInput,
  action: Action,
  act: () => Promise<Finished<R>>,
  writer: Writer = (write) => write(),
): Promise<R> {
  const startedAt = deps.clock();
  const { status, result, summary, detail, raw, effect, apply } = await act();
  const waiting = status === 'waiting';
  const said = { ...detail, result };
  const row: FinishInput = {
    ...rowOf(deps, step, action, startedAt),
    ...(waiting ? { actionKey: `${action.key}#waiting`, applyAgain: true } : {}),
    status,
    body: effect
      ? (incident) => {
          const { changes, detail: more } = effect(incident);
          return { summary, detail: { ...said, ...more }, changes };
        }
      : { summary, detail: said },
    raw,
    apply,
  };
  const written = await writer(() => deps.store.actions.finish(row));
  return waiting ? result : resultOf<R>(written.detail);
}

/** As {@link once}, for a step that acts on the world outside: what is on record is returned without acting again. */
export async function sentOnce<R>(
  deps: Deps,
  step: StepInput,
  action: Action,
  act: () => Promise<Finished<R>>,
  writer?: Writer,
): Promise<R> {
  const recorded = await deps.store.actions.find(step.incidentId, action.key);
  return recorded ? resultOf<R>(recorded.detail) : once(deps, step, action, act, writer);
}

/**
 * As {@link once}, for a step whose result follows from what it finds under the incident's lock.
 * @param after in the same transaction, when the row and its changes are there
 */
export async function underLock<R>(
  deps: Deps,
  step: StepInput,
  action: Action,
  settle: (incident: IncidentRow, trx: Transaction) => Promise<Pick<Finished<R>, 'summary' | 'result'> & Effect>,
  after?: (trx: Transaction) => Promise<void>,
): Promise<R> {
  const written = await deps.store.actions.finish({
    ...rowOf(deps, step, action, deps.clock()),
    status: 'ok',
    apply: after,
    body: async (incident, trx) => {
      const { summary, result, detail, changes } = await settle(incident, trx);
      return { summary, detail: { ...detail, result }, changes };
    },
  });
  return resultOf<R>(written.detail);
}

/**
 * In which run a row is written, and how many attempts have failed before, whichever kind of activity they ran as.
 * @param before as another kind of activity
 */
export function attemptOf(before = 0): Required<Pick<FinishInput, 'workflowRunId' | 'failures'>> {
  const { attempt, workflowExecution } = activityInfo();
  return { workflowRunId: workflowExecution?.runId ?? '', failures: before + attempt - 1 };
}

function rowOf(deps: Deps, step: StepInput, action: Action, startedAt: Date): Omit<FinishInput, 'status' | 'body'> {
  const at = deps.clock();
  return {
    chain: step.incidentId,
    incidentId: step.incidentId,
    runNo: step.runNo,
    actionKey: action.key,
    action: action.name,
    actor: action.actor ?? 'playbook',
    provider: action.provider,
    observable: action.observable,
    ...attemptOf(step.failures),
    durationMs: at.getTime() - startedAt.getTime(),
    at: at.toISOString(),
  };
}

/** By convention a row's `detail.result` is what its step returns. */
function resultOf<R>(detail: unknown): R {
  return (detail as { result: R }).result;
}
