import type { Knex } from '../connect';
import { GENESIS, hashRow } from '../audit-chain';
import { sha256 } from '../hashes';
import { Actions } from '../models';
import type { ActionRow } from '../rows';
import type { AuditView } from '../views';
import { readChain, type AuditPage } from './audit-view';

export interface AuditProblem {
  chain: string;
  /** Row the problem shows at; null when it concerns the whole chain. */
  seq: number | null;
  problem: string;
}

export interface AuditResult {
  chains: number;
  rows: number;
  problems: AuditProblem[];
}

export interface AuditRepository {
  /**
   * Rows of a chain as they stand, the newest last; nothing is checked.
   * @param chain an incident's id or `system`
   * @returns undefined when there is no such chain
   */
  read(chain: string, page: AuditPage): Promise<AuditView[] | undefined>;
  /**
   * Recomputes the chains and compares them with their heads, with the heads that reports state, and with the raw
   * documents they point to. Reads in batches, whatever the size; rows written meanwhile are no alarm, and are checked
   * by the next call.
   * @param chain one incident's id or `system`; absent = all
   * @param onProgress told the number of rows read so far
   */
  verify(chain?: string, onProgress?: (rows: number) => void): Promise<AuditResult>;
}

interface Head {
  name: string;
  seq: number;
  hash: Buffer;
}

const BATCH = 500;

export function createAuditRepository(knex: Knex): AuditRepository {
  return {
    read: (chain, page) => readChain(knex, chain, page),

    async verify(chain, onProgress = () => {}) {
      const result: AuditResult = { chains: 0, rows: 0, problems: [] };
      for await (const name of chainNames(knex, chain)) {
        result.chains += 1;
        for await (const checked of checkChain(knex, name)) {
          result.rows += checked.rows;
          result.problems.push(...checked.problems);
          onProgress(result.rows);
        }
      }
      result.problems.push(...(await withoutChain(knex, chain)));
      if (chain !== undefined && result.chains === 0) {
        result.problems.push({ chain, seq: null, problem: 'there is no such chain' });
      }
      return result;
    },
  };
}

async function* chainNames(knex: Knex, chain: string | undefined): AsyncGenerator<string> {
  for (let after = ''; ;) {
    const batch = (await knex<Head>('audit_chains')
      .select('name')
      .where('name', '>', after)
      .modify((query) => void (chain === undefined || query.where({ name: chain })))
      .orderBy('name')
      .limit(BATCH)) as Pick<Head, 'name'>[];
    for (const { name } of batch) yield name;
    if (batch.length < BATCH) return;
    after = batch.at(-1)?.name ?? after;
  }
}

function headOf(knex: Knex, name: string): Promise<Head | undefined> {
  return knex<Head>('audit_chains').where({ name }).first();
}

/** Checks a chain up to the head it has now. Reports are read before it, so that none states a row beyond it. */
async function* checkChain(knex: Knex, name: string): AsyncGenerator<{ rows: number; problems: AuditProblem[] }> {
  const stated = await statedHeads(knex, name);
  const head = await headOf(knex, name);
  if (!head) return;
  let seq = 0;
  let hash: Buffer = GENESIS;
  for (;;) {
    const rows = (await Actions.query(knex)
      .where({ chain: name })
      .whereBetween('seq', [seq + 1, head.seq])
      .orderBy('seq')
      .limit(BATCH)) as ActionRow[];
    const problems = await rawProblems(knex, rows);
    for (const row of rows) {
      problems.push(...rowProblems(row, seq, hash, stated.get(row.seq)));
      stated.delete(row.seq);
      ({ seq, hash } = row);
    }
    yield { rows: rows.length, problems };
    if (rows.length < BATCH) break;
  }
  yield { rows: 0, problems: [...endProblems(head, seq, hash, stated), ...(await beyondHead(knex, name))] };
}

function rowProblems(row: ActionRow, seq: number, hash: Buffer, stated: readonly Buffer[] = []): AuditProblem[] {
  const found: string[] = [];
  if (row.seq !== seq + 1) found.push(`rows ${seq + 1} to ${row.seq - 1} are missing`);
  else if (!row.prev_hash.equals(hash)) found.push('it does not follow the row before it');
  if (!hashRow(row).equals(row.hash)) found.push('the row was changed');
  if (stated.some((report) => !report.equals(row.hash))) found.push('a report states another hash for it');
  return found.map((problem) => ({ chain: row.chain, seq: row.seq, problem }));
}

function endProblems(head: Head, seq: number, hash: Buffer, stated: Map<number, Buffer[]>): AuditProblem[] {
  const problems: AuditProblem[] = [];
  if (head.seq === 0) {
    problems.push({ chain: head.name, seq: null, problem: 'the chain is empty, and it was started with a row' });
  } else if (head.seq !== seq) {
    problems.push({ chain: head.name, seq, problem: `the chain ends here, its head says ${head.seq}` });
  } else if (!head.hash.equals(hash)) {
    problems.push({ chain: head.name, seq, problem: 'its last row is not the one its head names' });
  }
  for (const beyond of stated.keys()) {
    problems.push({ chain: head.name, seq: beyond, problem: 'a report states this row, and it is not there' });
  }
  return problems;
}

/** A row and its head are written together, so the head read after the row is never behind it. */
async function beyondHead(knex: Knex, chain: string): Promise<AuditProblem[]> {
  const last = await knex<ActionRow>('action_log').where({ chain }).orderBy('seq', 'desc').first('seq');
  const head = await headOf(knex, chain);
  if (!last || !head || last.seq <= head.seq) return [];
  return [{ chain, seq: last.seq, problem: `the row stands behind the head, which says ${head.seq}` }];
}

/** What the reports of an incident say its audit chain was when they were made. */
async function statedHeads(knex: Knex, chain: string): Promise<Map<number, Buffer[]>> {
  const reports = await knex<{ incident_id: string; head_seq: number; head_hash: Buffer }>('reports')
    .select('head_seq', 'head_hash')
    .where({ incident_id: chain });
  const stated = new Map<number, Buffer[]>();
  for (const { head_seq, head_hash } of reports) stated.set(head_seq, [...(stated.get(head_seq) ?? []), head_hash]);
  return stated;
}

/** One document at a time: they may be large. */
async function rawProblems(knex: Knex, rows: readonly ActionRow[]): Promise<AuditProblem[]> {
  const problems: AuditProblem[] = [];
  for (const { chain, seq, raw_sha256 } of rows) {
    if (!raw_sha256) continue;
    const [document] = await knex<{ sha256: Buffer; body: Buffer }>('raw_documents')
      .select('body')
      .where({ sha256: raw_sha256 });
    if (!document) problems.push({ chain, seq, problem: 'its raw document is missing' });
    else if (!sha256(document.body).equals(raw_sha256)) {
      problems.push({ chain, seq, problem: 'its raw document was changed' });
    }
  }
  return problems;
}

/** Every incident and every row has a chain; where there is none, it was taken away. */
async function withoutChain(knex: Knex, chain: string | undefined): Promise<AuditProblem[]> {
  const incidents: { id: string }[] = await knex('incidents')
    .select('incidents.id')
    .leftJoin('audit_chains', 'audit_chains.name', 'incidents.id')
    .whereNull('audit_chains.name')
    .modify((query) => void (chain === undefined || query.where('incidents.id', chain)));
  const rows: { id: string }[] = await knex('action_log')
    .distinct('action_log.chain as id')
    .leftJoin('audit_chains', 'audit_chains.name', 'action_log.chain')
    .whereNull('audit_chains.name')
    .modify((query) => void (chain === undefined || query.where('action_log.chain', chain)));
  const names = new Set([...incidents, ...rows].map(({ id }) => id));
  return [...names].map((name) => ({ chain: name, seq: null, problem: 'its audit chain was taken away' }));
}
