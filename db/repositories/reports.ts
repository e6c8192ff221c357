import type { Status } from '../../domain/incident';
import type { Verdict } from '../../domain/verdict';
import type { Knex, Transaction } from '../connect';
import { Reports } from '../models';
import type { ReportRow } from '../rows';
import type { Instant } from '../time';

export interface StoredReport {
  version: number;
  html: string;
  json: string;
  /** Null in reports of before. */
  markdown: string | null;
  createdAt: Instant;
}

export interface NewReport extends Omit<StoredReport, 'createdAt'> {
  incidentId: string;
  markdown: string;
  /** Head of the incident's audit chain as the report states it; the audit is later checked against it. */
  headSeq: number;
  headHash: string;
  author: string;
  reason: string;
  verdict: Verdict;
  status: Status;
  policy: string;
  policyVersion: string | null;
  at: string;
}

/** A report without what it says. */
export type ReportVersion = Pick<
  ReportRow,
  'version' | 'created_at' | 'author' | 'reason' | 'verdict' | 'status' | 'policy' | 'policy_version'
> & { audit_head: { seq: number; hash: string } };

export interface ReportRepository {
  store(trx: Transaction, report: NewReport): Promise<void>;
  latest(incidentId: string): Promise<StoredReport | undefined>;
  find(incidentId: string, version: number): Promise<StoredReport | undefined>;
  /** All versions there are, the newest first. */
  versions(incidentId: string): Promise<ReportVersion[]>;
}

export function createReportRepository(knex: Knex): ReportRepository {
  return {
    async store(trx, { incidentId, headSeq, headHash, policyVersion, at, ...texts }) {
      await Reports.query(trx).insert({
        ...texts,
        incident_id: incidentId,
        head_seq: headSeq,
        head_hash: Buffer.from(headHash, 'hex'),
        policy_version: policyVersion,
        created_at: at,
      });
    },
    async latest(incidentId) {
      return stored(await Reports.query(knex).where({ incident_id: incidentId }).orderBy('version', 'desc').first());
    },
    async find(incidentId, version) {
      return stored(await Reports.query(knex).findOne({ incident_id: incidentId, version }));
    },
    async versions(incidentId) {
      const rows = await Reports.query(knex)
        .where({ incident_id: incidentId })
        .select('version', 'created_at', 'author', 'reason', 'verdict', 'status', 'policy', 'policy_version')
        .select('head_seq', 'head_hash')
        .orderBy('version', 'desc');
      return rows.map((row) => {
        const { head_seq: seq, head_hash, ...version } = row.toJSON() as Omit<ReportRow, 'html' | 'json' | 'markdown'>;
        return { ...version, audit_head: { seq, hash: head_hash.toString('hex') } };
      });
    },
  };
}

function stored(row: ReportRow | undefined): StoredReport | undefined {
  if (!row) return undefined;
  const { version, html, json, markdown, created_at: createdAt } = row;
  return { version, html, json, markdown, createdAt };
}
