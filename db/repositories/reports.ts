import type { Knex, Transaction } from '../connect';
import { Reports } from '../models';
import type { Instant } from '../time';

export interface StoredReport {
  version: number;
  html: string;
  json: string;
  createdAt: Instant;
}

export interface ReportRepository {
  store(
    trx: Transaction,
    report: {
      incidentId: string;
      version: number;
      html: string;
      json: string;
      /** Head of the incident's audit chain as the report states it; the audit is later checked against it. */
      headSeq: number;
      headHash: string;
      at: string;
    },
  ): Promise<void>;
  latest(incidentId: string): Promise<StoredReport | undefined>;
}

export function createReportRepository(knex: Knex): ReportRepository {
  return {
    async store(trx, { incidentId, version, html, json, headSeq, headHash, at }) {
      await Reports.query(trx).insert({
        incident_id: incidentId,
        version,
        html,
        json,
        head_seq: headSeq,
        head_hash: Buffer.from(headHash, 'hex'),
        created_at: at,
      });
    },
    async latest(incidentId) {
      const row = await Reports.query(knex).where({ incident_id: incidentId }).orderBy('version', 'desc').first();
      return row && { version: row.version, html: row.html, json: row.json, createdAt: row.created_at };
    },
  };
}
