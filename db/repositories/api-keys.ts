import { randomInt } from 'node:crypto';
import { appendActions, openChain, SYSTEM_CHAIN } from '../audit-chain';
import type { Knex } from '../connect';
import { sha256 } from '../hashes';
import { ApiKeys } from '../models';
import { shift, toInstant, toSqlTime } from '../time';
import { inTransaction } from '../transaction';

export interface KeyOwner {
  id: number;
  name: string;
  role: string;
}

export interface ApiKeyRepository {
  /** Makes a key; it is shown this once, only its SHA-256 is kept. */
  create(name: string, role: string, actor: string): Promise<{ id: number; key: string }>;
  /** Whose key it is; undefined for one that is unknown or revoked. */
  verify(key: string): Promise<KeyOwner | undefined>;
  /** Keys that are not revoked. */
  count(): Promise<number>;
}

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LENGTH = 40;
const USE_NOTED_EVERY_MS = 60_000;

function newKey(): string {
  return `soar_${Array.from({ length: LENGTH }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('')}`;
}

export function createApiKeyRepository(knex: Knex): ApiKeyRepository {
  return {
    async create(name, role, actor) {
      const key = newKey();
      const at = toInstant(new Date().toISOString());
      const id = await inTransaction(knex, async (trx) => {
        const chain = await openChain(trx, SYSTEM_CHAIN);
        const [inserted] = await trx('api_keys').insert({
          name,
          role,
          key_hash: sha256(key),
          created_at: toSqlTime(at),
        });
        await appendActions(trx, chain, [
          {
            incident_id: null,
            action_key: `api-key/${inserted}/create`,
            at,
            action: 'create_api_key',
            status: 'ok',
            actor,
            provider: null,
            observable: null,
            failures: 0,
            duration_ms: 0,
            summary: `API key ${name} (${role}) made`,
            detail: { name, role },
            raw_sha256: null,
            workflow_run_id: '',
          },
        ]);
        return inserted as number;
      });
      return { id, key };
    },

    async verify(key) {
      const row = await ApiKeys.query(knex)
        .findOne({ key_hash: sha256(key) })
        .whereNull('revoked_at');
      if (!row) return undefined;
      const now = new Date().toISOString();
      if (row.last_used_at === null || row.last_used_at < shift(now, -USE_NOTED_EVERY_MS)) {
        await ApiKeys.query(knex).findById(row.id).patch({ last_used_at: now });
      }
      return { id: row.id, name: row.name, role: row.role };
    },

    async count() {
      return ApiKeys.query(knex).whereNull('revoked_at').resultSize();
    },
  };
}
