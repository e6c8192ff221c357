import { randomBytes } from 'node:crypto';
import { newRescoreId } from '../../domain/ids';
import { RESCORE_EXPIRES_MS } from '../../domain/rescore';
import { SYSTEM_CHAIN } from '../audit-chain';
import type { Knex, Transaction } from '../connect';
import { isDuplicateKey } from '../errors';
import { RescoreChanges, Rescores, toColumns } from '../models';
import type { RescoreChangeRow, RescoreFailure, RescoreRow } from '../rows';
import { shift, toInstant, toSqlTime } from '../time';
import { inTransaction } from '../transaction';
import type { IncidentFilter } from '../views';
import type { ActionRepository } from './actions';
import { incidentsMatching } from './incident-list';

/** A page of incidents that were compared. */
export interface ComparedPage {
  /** The ids of the page, in their order; none when there was nothing left. */
  incidentIds: readonly string[];
  /** True when no further page follows. */
  isLast: boolean;
  /** Those that come out differently. */
  changes: readonly Omit<RescoreChangeRow, 'rescore_id' | 'applied_at' | 'skipped' | 'tell_at'>[];
  /** Those that could not be judged. */
  failures: readonly RescoreFailure[];
  at: string;
}

/** What became of the wish to apply a job; `accepted` also when it was accepted before. */
export type ApplyAnswer =
  { outcome: 'accepted'; job: RescoreRow } | { outcome: 'comparing' | 'expired' } | { outcome: 'not_found' };

/** Re-scorings, as jobs. All that their runs go by stands here, so that a run can be lost and started again. */
export interface RescoreRepository {
  create(job: { requestedBy: string; filter: IncidentFilter; reopen: boolean; at: string }): Promise<RescoreRow>;
  get(id: string): Promise<RescoreRow | undefined>;
  /** Pins the rules that the job judges by; the first call decides. */
  begin(id: string, rules: { policy: string; site: string }): Promise<void>;
  /** The next incidents that the job has to compare: scored ones, in the order of their ids. */
  candidates(job: RescoreRow, limit: number): Promise<string[]>;
  /** Notes a page, unless it has been noted since the job was read. */
  noteCompared(job: Pick<RescoreRow, 'id' | 'position'>, page: ComparedPage): Promise<void>;
  /** Has what was found put in force, once: by whom, stands in the system's audit chain. */
  requestApply(id: string, by: { actor: string; reopen: boolean | undefined; at: string }): Promise<ApplyAnswer>;
  /** Ends a job that has nothing left to apply. */
  finish(id: string, at: string): Promise<void>;
  /** Ends a job that nobody has applied in time. */
  expire(id: string, at: string): Promise<void>;
  /** Jobs whose runs are to be looked after, longest due first. */
  due(now: string, limit: number): Promise<RescoreRow[]>;
  /** Looks after a job again later. */
  checkAgain(id: string, at: string): Promise<void>;
}

/** Long enough for a start that is under way, and for a page. */
const CHECK_SOON_MS = 5_000;
const CHECK_LATER_MS = 60_000;
const TRIES = 5;
/** Kept of a job; the count has them all. */
const FAILURES_KEPT = 20;

export function createRescoreRepository(knex: Knex, actions: ActionRepository): RescoreRepository {
  async function get(id: string): Promise<RescoreRow | undefined> {
    return (await Rescores.query(knex).findById(id))?.toJSON();
  }

  return {
    get,

    async create({ requestedBy, filter, reopen, at }) {
      for (let tries = 1; ; tries += 1) {
        const row = newRow({ requestedBy, filter, reopen, at });
        try {
          await Rescores.query(knex).insert(row);
          return row;
        } catch (error) {
          if (!isDuplicateKey(error) || tries === TRIES) throw error;
        }
      }
    },

    async begin(id, { policy, site }) {
      await knex('rescores').where({ id }).whereNull('policy_id').update({ policy_id: policy, site_id: site });
    },

    async candidates({ filter, position }, limit) {
      const rows = await incidentsMatching(knex, filter)
        .clearSelect()
        .select('id')
        .whereNotNull('score_key')
        .where('id', '>', position)
        .orderBy('id')
        .limit(limit);
      return rows.map(({ id }) => id);
    },

    noteCompared: (job, page) => inTransaction(knex, (trx) => noteCompared(trx, job, page)),

    requestApply(id, { actor, reopen, at }) {
      return inTransaction(knex, async (trx): Promise<ApplyAnswer> => {
        const found = await Rescores.query(trx).findById(id).forUpdate();
        if (!found) return { outcome: 'not_found' };
        const job = found.toJSON() as RescoreRow;
        if (job.state === 'applying' || job.state === 'applied') return { outcome: 'accepted', job };
        if (job.state === 'comparing') return { outcome: 'comparing' };
        if (job.state === 'expired' || (job.expires_at ?? '') <= toInstant(at)) return { outcome: 'expired' };
        const changes = {
          state: 'applying',
          applied_by: actor,
          reopen: reopen ?? job.reopen,
          expires_at: null,
          check_at: shift(at, CHECK_SOON_MS),
        } as const;
        await Rescores.query(trx).findById(id).patch(changes);
        const summary = `${actor} applies ${id}: ${job.changes} of ${job.compared} incidents come out differently`;
        const { filter, policy_id, site_id } = job;
        const detail = { filter, policy_id, site_id, reopen: changes.reopen, requested_by: job.requested_by };
        await actions.finish(
          {
            ...{ chain: SYSTEM_CHAIN, incidentId: null, actionKey: `rescore/${id}`, action: 'rescore', status: 'ok' },
            ...{ actor, failures: 0, durationMs: 0, at, body: { summary, detail } },
          },
          trx,
        );
        return { outcome: 'accepted', job: { ...job, ...changes } };
      });
    },

    async finish(id, at) {
      await end(knex, id, { from: 'applying', to: 'applied', at });
    },

    async expire(id, at) {
      await end(knex, id, { from: 'compared', to: 'expired', at });
    },

    async due(now, limit) {
      const rows = await Rescores.query(knex).where('check_at', '<=', toSqlTime(now)).orderBy('check_at').limit(limit);
      return rows.map((row) => row.toJSON() as RescoreRow);
    },

    async checkAgain(id, at) {
      await knex('rescores')
        .where({ id })
        .whereNotNull('check_at')
        .update({ check_at: toSqlTime(shift(at, CHECK_LATER_MS)) });
    },
  };
}

function newRow(job: Parameters<RescoreRepository['create']>[0]): RescoreRow {
  return {
    id: newRescoreId(randomBytes),
    state: 'comparing',
    requested_by: job.requestedBy,
    applied_by: null,
    filter: { ...job.filter },
    reopen: job.reopen,
    policy_id: null,
    site_id: null,
    position: '',
    compared: 0,
    failed: 0,
    failures: [],
    changes: 0,
    applied: 0,
    skipped: 0,
    check_at: shift(job.at, CHECK_SOON_MS),
    created_at: toInstant(job.at),
    compared_at: null,
    expires_at: null,
    finished_at: null,
  };
}

/** Of two that have compared the same page, the one that finds the job's position unchanged notes it. */
async function noteCompared(
  trx: Transaction,
  { id, position }: Pick<RescoreRow, 'id' | 'position'>,
  { incidentIds, isLast, changes, failures, at }: ComparedPage,
): Promise<void> {
  const end = isLast
    ? {
        state: 'compared',
        check_at: null,
        compared_at: toSqlTime(at),
        expires_at: toSqlTime(shift(at, RESCORE_EXPIRES_MS)),
      }
    : { check_at: toSqlTime(shift(at, CHECK_LATER_MS)) };
  const job = await Rescores.query(trx).findOne({ id, position, state: 'comparing' }).forUpdate();
  if (!job) return;
  const { compared, failed, changes: changed, failures: known } = job.toJSON() as RescoreRow;
  await trx('rescores')
    .where({ id })
    .update({
      position: incidentIds.at(-1) ?? position,
      compared: compared + incidentIds.length - failures.length,
      failed: failed + failures.length,
      failures: JSON.stringify([...known, ...failures].slice(0, FAILURES_KEPT)),
      changes: changed + changes.length,
      ...end,
    });
  if (changes.length === 0) return;
  const unapplied = { rescore_id: id, applied_at: null, skipped: null, tell_at: null };
  await trx('rescore_changes').insert(changes.map((change) => toColumns(RescoreChanges, { ...change, ...unapplied })));
}

async function end(
  knex: Knex,
  id: string,
  { from, to, at }: { from: RescoreRow['state']; to: RescoreRow['state']; at: string },
): Promise<void> {
  await knex('rescores')
    .where({ id, state: from })
    .update({ state: to, check_at: null, finished_at: toSqlTime(at) });
}
