import type { Knex } from '../connect';
import { GENESIS, hashRow } from '../audit-chain';
import { sha256 } from '../hashes';
import { Actions } from '../models';
import type { ActionRow } from '../rows';

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
   * Recomputes the chains and compares them with their heads, with the heads that reports state, and with the raw
   * documents they point to. Reads in batches, whatever the size.
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
    async verify(chain, onProgress = () => {}) {
      const result: AuditResult = { chains: 0, rows: 0, problems: [] };
      for await (const head of heads(knex, chain)) {
        result.chains += 1;
        for await (const checked of checkChain(knex, head)) {
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

async function* heads(knex: Knex, chain: string | undefined): AsyncGenerator<Head> {
  for (let after = ''; ; ) {
    const batch = await knex<Head>('audit_chains')
      .where('name', '>', after)
      .modify((query) => void (chain === undefined || query.where({ name: chain })))
      .orderBy('name')
      .limit(BATCH);
    yield* batch;
    if (batch.length < BATCH) return;
    after = batch.at(-1)?.name ?? after;
  }
}

async function* checkChain(knex: Knex, head: Head): AsyncGenerator<{ rows: number; problems: AuditProblem[] }> {
  const stated = await statedHeads(knex, head.name);
  let seq = 0;
  let hash: Buffer = GENESIS;
  for (;;) {
    const rows = (await Actions.query(knex)
      .where({ chain: head.name })
      .where('seq', '>', seq)
      .orderBy('seq')
      .limit(BATCH)) as ActionRow[];
    const problems = await rawProblems(knex, rows);
    for (const row of rows) {
      const at = { chain: head.name, seq: row.seq };
      if (row.seq !== seq + 1) problems.push({ ...at, problem: `rows ${seq + 1} to ${row.seq - 1} are missing` });
      else if (!row.prev_hash.equals(hash)) problems.push({ ...at, problem: 'it does not follow the row before it' });
      if (!hashRow(row).equals(row.hash)) problems.push({ ...at, problem: 'the row was changed' });
      const report = stated.get(row.seq);
      if (report && !report.equals(row.hash)) problems.push({ ...at, problem: 'a report states another hash for it' });
      stated.delete(row.seq);
      ({ seq, hash } = row);
    }
    yield { rows: rows.length, problems };
    if (rows.length < BATCH) break;
  }
  yield { rows: 0, problems: endProblems(head, seq, hash, stated) };
}

function endProblems(head: Head, seq: number, hash: Buffer, stated: Map<number, Buffer>): AuditProblem[] {
  const problems: AuditProblem[] = [];
  if (head.seq !== seq) {
    problems.push({ chain: head.name, seq, problem: `the chain ends here, its head says ${head.seq}` });
  } else if (!head.hash.equals(hash)) {
    problems.push({ chain: head.name, seq, problem: 'its last row is not the one its head names' });
  }
  for (const beyond of stated.keys()) {
    problems.push({ chain: head.name, seq: beyond, problem: 'a report states this row, and it is not there' });
  }
  return problems;
}

/** What the reports of an incident say its audit chain was when they were made. */
async function statedHeads(knex: Knex, chain: string): Promise<Map<number, Buffer>> {
  const reports = await knex<{ incident_id: string; head_seq: number; head_hash: Buffer }>('reports')
    .select('head_seq', 'head_hash')
    .where({ incident_id: chain });
  return new Map(reports.map(({ head_seq, head_hash }) => [head_seq, head_hash]));
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

/** An incident always has a chain; one that has none had it taken away. */
async function withoutChain(knex: Knex, chain: string | undefined): Promise<AuditProblem[]> {
  const orphans: { id: string }[] = await knex('incidents')
    .select('incidents.id')
    .leftJoin('audit_chains', 'audit_chains.name', 'incidents.id')
    .whereNull('audit_chains.name')
    .modify((query) => void (chain === undefined || query.where('incidents.id', chain)));
  return orphans.map(({ id }) => ({ chain: id, seq: null, problem: 'the incident has no audit chain' }));
}
