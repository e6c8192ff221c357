import { storedKey } from '../action-key';
import { appendActions, openChain, touchIncident } from '../audit-chain';
import type { LockedChain } from '../audit-chain';
import type { Knex, Transaction } from '../connect';
import { ClaimLostError, NoSuchIncidentError } from '../errors';
import { Actions } from '../models';
import type { ActionRow, ActionStatus, IncidentRow } from '../rows';
import { toInstant } from '../time';
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
  /** The document it rests on, or the SHA-256 of one that is kept already. */
  raw?: RawDocument | Buffer | undefined;
  /** What the row says, or, where that follows from what is found under the incident's lock, how to find it. */
  body: ActionBody | ((incident: IncidentRow, trx: Transaction) => ActionBody | Promise<ActionBody>);
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
  /** What becomes of the incident by it. */
  changes?: Partial<IncidentRow>;
}

export interface ActionRepository {
  /** The finished row of that key, if there is one. */
  find(chain: string, actionKey: string, trx?: Transaction): Promise<RecordedAction | undefined>;
  /**
   * Finishes an action: its row, its raw document and its changes, in one transaction under the chain's lock. A row that
   * is already there is returned as it is: whoever comes second changes nothing.
   * @param trx of an act that is made of several; default: one of its own
   * @throws ClaimLostError when `runNo` is not the incident's present run
   * @throws NoSuchIncidentError when what it says depends on an incident that is not there
   */
  finish(input: FinishInput, trx?: Transaction): Promise<RecordedAction>;
}

export function createActionRepository(knex: Knex): ActionRepository {
  async function find(chain: string, actionKey: string, trx?: Transaction): Promise<RecordedAction | undefined> {
    const row = await Actions.query(trx ?? knex).findOne({ chain, action_key: storedKey(actionKey) });
    return row && recorded(row.toJSON());
  }

  async function finishIn(trx: Transaction, input: FinishInput): Promise<RecordedAction> {
    const locked = await openChain(trx, input.chain, input.actionKey);
    checkClaim(input, locked);
    if (locked.row) {
      if (!input.applyAgain) return recorded(locked.row);
      await input.apply?.(trx);
      await touchIncident(trx, input.chain);
      return recorded(locked.row);
    }
    const { summary, detail, changes } = await bodyOf(input, locked, trx);
    const [row] = await appendActions(
      trx,
      locked,
      [
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
          summary,
          detail,
          raw_sha256: await rawOf(input, trx),
          workflow_run_id: input.workflowRunId ?? '',
        },
      ],
      changes,
    );
    await input.apply?.(trx);
    return recorded(row as ActionRow);
  }

  return {
    find,
    finish: (input, trx) => (trx ? finishIn(trx, input) : inTransaction(knex, (own) => finishIn(own, input))),
  };
}

/** Whoever writes a row gets what whoever finds it gets. */
function recorded(row: ActionRow): RecordedAction {
  return { ...row, detail: JSON.parse(row.detail) as unknown };
}

function checkClaim({ incidentId, runNo }: FinishInput, { incident }: LockedChain): void {
  if (runNo === undefined || incidentId === null) return;
  if (incident?.run_no !== runNo) throw new ClaimLostError(incidentId, runNo);
}

async function bodyOf({ body, chain }: FinishInput, { incident }: LockedChain, trx: Transaction): Promise<ActionBody> {
  if (typeof body !== 'function') return body;
  if (!incident) throw new NoSuchIncidentError(chain);
  return body(incident, trx);
}

async function rawOf({ raw, at }: FinishInput, trx: Transaction): Promise<Buffer | null> {
  if (!raw || Buffer.isBuffer(raw)) return raw ?? null;
  return storeRaw(trx, raw, at);
}
