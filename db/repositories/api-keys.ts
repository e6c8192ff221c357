import { randomInt } from 'node:crypto';
import type { Role } from '../../domain/api-key';
import { appendActions, deed, openChain, SYSTEM_CHAIN } from '../audit-chain';
import type { NewAction } from '../audit-chain';
import type { Knex, Transaction } from '../connect';
import { KeyNameTakenError } from '../errors';
import { sha256 } from '../hashes';
import { ApiKeys } from '../models';
import type { ApiKeyRow } from '../rows';
import { shift, toInstant, toSqlTime } from '../time';
import { inTransaction } from '../transaction';

export type KeyOwner = Pick<ApiKeyRow, 'id' | 'name' | 'role'>;

/** All that is known of a key but its hash, which nobody needs to see. */
export type KeyView = Omit<ApiKeyRow, 'key_hash'>;

/** What became of the wish to revoke; `already` revoked keys stay as they are. */
export type RevokeAnswer =
  { outcome: 'revoked' | 'already' | 'last'; key: KeyView } | { outcome: 'unknown' | 'ambiguous' };

export interface ApiKeyRepository {
  /**
   * Makes a key; it is shown this once, only its SHA-256 is kept.
   * @throws KeyNameTakenError when a key that is not revoked has the name, in whatever case
   */
  create(name: string, role: Role, actor: string): Promise<{ id: number; key: string }>;
  /** Every key there was, the oldest first. */
  list(): Promise<KeyView[]>;
  /**
   * Revokes the key of that name or id. The last one that is left stays (`last`), unless it is forced; of several keys of one
   * name, which there may be from before, none is taken (`ambiguous`).
   */
  revoke(nameOrId: string, actor: string, options?: { force?: boolean | undefined }): Promise<RevokeAnswer>;
  /** Whose key it is; undefined for one that is unknown or revoked. */
  verify(key: string): Promise<KeyOwner | undefined>;
  /** Keys that are not revoked. */
  count(): Promise<number>;
}

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LENGTH = 40;
const USE_NOTED_EVERY_MS = 60_000;
const VIEWED = ['id', 'name', 'role', 'created_at', 'last_used_at', 'revoked_at'] as const;

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
        if (await ApiKeys.query(trx).findOne({ name }).whereNull('revoked_at')) throw new KeyNameTakenError(name);
        const [inserted] = await trx('api_keys').insert({
          name,
          role,
          key_hash: sha256(key),
          created_at: toSqlTime(at),
        });
        const owner = { id: inserted as number, name, role };
        await appendActions(trx, chain, [keyAction(owner, 'create', { actor, at })]);
        return owner.id;
      });
      return { id, key };
    },

    async list() {
      return views(await ApiKeys.query(knex).select(VIEWED).orderBy('id'));
    },

    revoke: (nameOrId, actor, { force = false } = {}) =>
      inTransaction(knex, (trx) => revoke(trx, nameOrId, { actor, force })),

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

/** Under the lock of the chain: of two that revoke the last two keys, one finds that its own is the last. */
async function revoke(
  trx: Transaction,
  nameOrId: string,
  { actor, force }: { actor: string; force: boolean },
): Promise<RevokeAnswer> {
  const chain = await openChain(trx, SYSTEM_CHAIN);
  const named = await keysCalled(trx, nameOrId);
  const [key = named.at(-1), ...others] = named.filter(({ revoked_at }) => revoked_at === null);
  if (!key) return { outcome: 'unknown' };
  if (others.length > 0) return { outcome: 'ambiguous' };
  if (key.revoked_at !== null) return { outcome: 'already', key };
  if (!force && (await ApiKeys.query(trx).whereNull('revoked_at').resultSize()) === 1) return { outcome: 'last', key };
  const at = toInstant(new Date().toISOString());
  await ApiKeys.query(trx).findById(key.id).patch({ revoked_at: at });
  await appendActions(trx, chain, [keyAction(key, 'revoke', { actor, at })]);
  return { outcome: 'revoked', key: { ...key, revoked_at: at } };
}

/** No name is made of digits only. */
async function keysCalled(trx: Transaction, nameOrId: string): Promise<KeyView[]> {
  const by = /^\d{1,9}$/.test(nameOrId) ? { id: Number(nameOrId) } : { name: nameOrId };
  return views(await ApiKeys.query(trx).select(VIEWED).where(by).orderBy('id'));
}

function views(rows: { toJSON(): object }[]): KeyView[] {
  return rows.map((row) => row.toJSON() as KeyView);
}

const DONE = { create: 'made', revoke: 'revoked' };

function keyAction(
  { id, name, role }: KeyOwner,
  verb: keyof typeof DONE,
  { actor, at }: { actor: string; at: string },
): NewAction {
  return deed({
    incident_id: null,
    action_key: `api-key/${id}/${verb}`,
    at,
    action: `${verb}_api_key`,
    actor,
    summary: `API key ${name} (${role}) ${DONE[verb]}`,
    detail: { name, role },
  });
}
