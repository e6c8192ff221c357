import { carryOut } from '../../domain/acts';
import type { ActRequest, Carried } from '../../domain/acts';
import { canonicalJson } from '../../domain/canonical-json';
import { given } from '../../domain/given';
import { lookupName } from '../../domain/lookup-name';
import type { PendingLookup } from '../../domain/lookup-name';
import type { Knex, Transaction } from '../connect';
import { ActRefusedError, VersionMismatchError } from '../errors';
import { Actions, Incidents } from '../models';
import type { IncidentRow } from '../rows';
import { toInstant } from '../time';
import type { ActionBody, ActionRepository, FinishInput } from './actions';
import type { EnrichmentRepository } from './enrichments';

export interface ActInput {
  incidentId: string;
  /** Names the request: asked for twice, it is done once. */
  requestId: string;
  request: ActRequest;
  actor: string;
  at: string;
  /** Refused when the incident has another version, but for what the claim of the run that acts has raised. */
  ifVersion?: number | undefined;
  /** The run that acts, where it is one. */
  run?: Pick<FinishInput, 'runNo' | 'workflowRunId' | 'failures'> & { round: number };
  /** On their way, and given up when the incident is closed. */
  pending?: readonly PendingLookup[];
  /** In the same transaction, when all has changed; told the action key of what was done. */
  within?: (trx: Transaction, key: string) => Promise<void>;
}

export interface ActRepository {
  /**
   * Does what is asked for, all of it or nothing, with one row of the audit. What is so already is left as it is, without a
   * row.
   * @returns the incident as it is then
   * @throws ActRefusedError, VersionMismatchError, NoSuchIncidentError, ClaimLostError
   */
  perform(input: ActInput): Promise<IncidentRow>;
  /** True when a request of that name was carried out. @throws ActRefusedError when it was another one */
  isDone(incidentId: string, requestId: string, request: ActRequest): Promise<boolean>;
}

export function createActRepository(
  knex: Knex,
  { actions, enrichments }: { actions: ActionRepository; enrichments: EnrichmentRepository },
): ActRepository {
  async function bodyOf(input: ActInput, incident: IncidentRow, trx: Transaction): Promise<ActionBody> {
    const { request, actor, ifVersion, run } = input;
    const at = toInstant(input.at);
    if (ifVersion !== undefined && !(await isAt(trx, incident, ifVersion))) throw new VersionMismatchError(incident.id);
    const carried = carryOut(incident, request, { actor, at, round: run?.round ?? 0 });
    if ('refused' in carried) throw new ActRefusedError(carried.refused.type, carried.refused.message);
    if (carried.done.length === 0) throw new UnchangedError();
    const closes = carried.changes.status === 'closed';
    const cancelled = closes ? await giveUp(input, trx) : [];
    // what has joined is still looked at, and so the incident looked after
    const rests = closes && incident.unprocessed === 0 ? { next_check_at: null } : {};
    const reason = given({ reason: request.reason });
    const detail = { ...carried.detail, ...reason, ...(cancelled.length > 0 ? { cancelled } : {}), request };
    return {
      summary: summaryOf(input, carried, cancelled.length),
      detail,
      changes: { ...carried.changes, ...rests },
    };
  }

  /** @returns the names of what is not waited for any more */
  async function giveUp({ incidentId, pending = [], actor, at }: ActInput, trx: Transaction): Promise<string[]> {
    const findings = await enrichments.of(incidentId, trx);
    const waiting = findings
      .filter(({ state }) => state === 'waiting')
      .map(({ evidence, ...rest }) => ({ ...rest, key: evidence }));
    const names = new Set(waiting.map(lookupName));
    const lookups = [...waiting, ...pending.filter((one) => !names.has(lookupName(one)))];
    const summary = `not waited for any more: ${actor} closed the incident`;
    for (const { source, observable, key: actionKey } of lookups) {
      const change = { source, observable, actionKey, state: 'failed', until: null, summary, facts: null, at } as const;
      await enrichments.upsert(trx, incidentId, change);
    }
    return lookups.map(lookupName);
  }

  async function current(id: string): Promise<IncidentRow> {
    return (await Incidents.query(knex).findById(id).throwIfNotFound()).toJSON();
  }

  return {
    async perform(input) {
      const { incidentId, requestId, request, actor, at, within } = input;
      const { round: _round, ...run } = input.run ?? { round: 0 };
      const actionKey = keyOf(requestId);
      try {
        const row = await actions.finish({
          chain: incidentId,
          incidentId,
          ...{ failures: 0, durationMs: 0 },
          ...run,
          actionKey,
          action: actionOf(request),
          ...{ status: 'ok', actor, at },
          body: (incident, trx) => bodyOf(input, incident, trx),
          apply: within && ((trx) => within(trx, actionKey)),
        });
        requireSame(row.detail, request);
      } catch (error) {
        if (!(error instanceof UnchangedError)) throw error;
      }
      return current(incidentId);
    },
    async isDone(incidentId, requestId, request) {
      const row = await actions.find(incidentId, keyOf(requestId));
      if (row) requireSame(row.detail, request);
      return row !== undefined;
    },
  };
}

/** Thrown under the lock, so that nothing is written. */
class UnchangedError extends Error {}

function keyOf(requestId: string): string {
  return `act/${requestId}`;
}

/** @throws ActRefusedError */
function requireSame(detail: unknown, request: ActRequest): void {
  const done = (detail as { request?: unknown }).request;
  if (canonicalJson(done) === canonicalJson(request)) return;
  throw new ActRefusedError('InvalidRequest', 'Another request was carried out under that name');
}

/** `hold`, `override_verdict`; notes and assignee are an `edit`, and several acts at once a `change`. */
function actionOf({ acts }: ActRequest): string {
  const names = [...new Set(acts.map(({ act }) => (act === 'assign' || act === 'note' ? 'edit' : act)))];
  const [only = 'edit', ...others] = names.filter((name) => names.length === 1 || name !== 'edit');
  return others.length > 0 ? 'change' : only.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function summaryOf({ actor, request: { reason } }: ActInput, { done }: Carried, cancelled: number): string {
  const gaveUp =
    cancelled === 0 ? '' : `; ${cancelled} ${cancelled === 1 ? 'lookup is' : 'lookups are'} not waited for any more`;
  return `${actor} ${done.join(' and ')}${reason ? `: ${reason}` : ''}${gaveUp}`;
}

/** A run that is started for an act raises the version by claiming the incident, which nobody need have seen. */
async function isAt(trx: Transaction, { id, version, run_no }: IncidentRow, ifVersion: number): Promise<boolean> {
  if (version === ifVersion) return true;
  if (version !== ifVersion + 1) return false;
  const claim = await Actions.query(trx).findOne({ chain: id, action_key: `claim/${run_no}` });
  return claim !== undefined && (JSON.parse(claim.detail) as { version?: number }).version === version;
}
