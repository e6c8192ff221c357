import { canonicalJson } from '../../domain/canonical-json';
import type { Knex } from '../connect';
import { sha256 } from '../hashes';
import { Policies } from '../models';

export interface PolicyRepository {
  /**
   * Keeps a version of the verdict policy or the site knowledge.
   * @returns its id, the SHA-256 (hex) of its canonical JSON; the same content has the same id
   */
  pin(kind: 'policy' | 'site', content: object): Promise<string>;
  get(id: string): Promise<unknown>;
}

export function createPolicyRepository(knex: Knex): PolicyRepository {
  return {
    async pin(kind, content) {
      const id = sha256(canonicalJson(content)).toString('hex');
      const row = { id, kind, content, created_at: new Date().toISOString() };
      if (!(await Policies.query(knex).findById(id))) await Policies.query(knex).insert(row).onConflict('id').ignore();
      return id;
    },
    async get(id) {
      return (await Policies.query(knex).findById(id))?.content;
    },
  };
}
