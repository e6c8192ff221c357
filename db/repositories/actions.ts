import { storedKey } from '../action-key';
import { appendActions, openChain } from '../audit-chain';
import type { Knex, Transaction } from '../connect';
import { ClaimLostError } from '../errors';
import { Actions } from '../models';
import type { ActionRow, ActionStatus } from '../rows';
import { toInstant } from '../time';
import { touchIncident } from '../touch';
import { inTransaction } from '../transaction';
import { storeRaw } from './raw-documents';
import type { RawDocument } from './raw-documents';

/** An audit row as the steps read it back. */
export type RecordedAction = Omit<ActionRow, 'detail'> & { detail: unknown };

export interface FinishInput {
  chain: string;
  incidentId: string | null;
  /** The run that acts; it is refused when another run has claimed the incident. Absent for acts of people. */
  runNo?: number;
  workflowRunId?: string;
  actionKey: string;
  action: string;
  status: ActionStatus;
  actor: string;
  provider?: string | undefined;
  observable?: string | undefined;
  /** Attempts before this one. */
  failures: number;
  durationMs: number;
  at: string;
  raw?: RawDocument | undefined;
  /** What the row says, or, where that follows from what is found and changed under the chain's lock, how to find it. */
  body: ActionBody | ((trx: Transaction) => Promise<ActionBody>);
  /** The action's own changes to other tables, in the same transaction. */
  apply?: ((trx: Transaction) => Promise<void>) | undefined;
  /** Makes these changes even if the row is already there: the state of a wait moves, its row does not. */
  applyAgain?: boolean;
}

export interface ActionBody {
  /** One line for people. */
  summary: string;
  /** By convention `detail.result` is what the step returns to its caller. */
  detail: unknown;
}

export interface ActionRepository {
  /** The finished row of that key, if there is one. */
  find(chain: string, actionKey: string, trx?: Transaction): Promise<RecordedAction | undefined>;
  /**
   * Finishes an action: its row, its raw document and its changes, in one transaction under the chain's lock. A row that
   * is already there is returned as it is: whoever comes second changes nothing.
   * @throws ClaimLostError when `runNo` is not the incident's present run
   */
  finish(input: FinishInput): Promise<RecordedAction>;
}

export function createActionRepository(knex: Knex): ActionRepository {
  async function find(chain: string, actionKey: string, trx?: Transaction): Promise<RecordedAction | undefined> {
    const row = await Actions.query(trx ?? knex).findOne({ chain, action_key: storedKey(actionKey) });
    return row && recorded(row.toJSON());
  }

  async function finish(input: FinishInput): Promise<RecordedAction> {
    return inTransaction(knex, async (trx) => {
      const head = await openChain(trx, input.chain);
      await checkClaim(trx, input);
      const before = await find(input.chain, input.actionKey, trx);
      if (before) {
        if (!input.applyAgain) return before;
        await input.apply?.(trx);
        if (input.incidentId !== null) await touchIncident(trx, input.incidentId);
        return before;
      }
      const body = typeof input.body === 'function' ? await input.body(trx) : input.body;
      const rawSha256 = input.raw ? await storeRaw(trx, input.raw, input.at) : null;
      const [row] = await appendActions(trx, input.chain, head, [
        {
          incident_id: input.incidentId,
          action_key: input.actionKey,
          at: toInstant(input.at),
          action: input.action,
          status: input.status,
          actor: input.actor,
          provider: input.provider ?? null,
          observable: input.observable ?? null,
          failures: input.failures,
          duration_ms: Math.max(0, Math.round(input.durationMs)),
          summary: body.summary,
          detail: body.detail,
          raw_sha256: rawSha256,
          workflow_run_id: input.workflowRunId ?? '',
        },
      ]);
      await input.apply?.(trx);
      if (input.incidentId !== null) await touchIncident(trx, input.incidentId);
      return recorded(row as ActionRow);
    });
  }

  return { find, finish };
}

/** Whoever writes a row gets what whoever finds it gets. */
function recorded(row: ActionRow): RecordedAction {
  return { ...row, detail: JSON.parse(row.detail) as unknown };
}

async function checkClaim(trx: Transaction, { incidentId, runNo }: FinishInput): Promise<void> {
  if (runNo === undefined || incidentId === null) return;
  const [incident] = await trx<{ id: string; run_no: number }>('incidents').select('run_no').where({ id: incidentId });
  if (incident?.run_no !== runNo) throw new ClaimLostError(incidentId, runNo);
}
