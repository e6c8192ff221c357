import { randomBytes } from 'node:crypto';
import { connect, ensureDatabase } from '../../db/connect';
import type { Knex } from '../../db/connect';
import { migrate } from '../../db/migrate';
import { Incidents } from '../../db/models';
import { createStore } from '../../db/store';
import type { IncidentRow, Store } from '../../db/store';

export interface TestDatabase {
  knex: Knex;
  store: Store;
  url: string;
  /** Removes the database and closes its connections. */
  drop(): Promise<void>;
}

/** URL of the server that the tests may make databases on; the test run brings one up. */
export function testServerUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (!url) throw new Error('TEST_DATABASE_URL is not set: run these tests through `npm test`');
  return url;
}

/** Puts an incident into a state that nothing brings about yet, or that would take long to reach. */
export async function changeIncident(knex: Knex, id: string, changes: Partial<IncidentRow>): Promise<void> {
  await Incidents.query(knex).findById(id).patch(changes);
}

/** A fresh, migrated database of its own. */
export async function createTestDatabase(options: { poolSize?: number } = {}): Promise<TestDatabase> {
  const url = new URL(testServerUrl());
  const name = `soar_test_${randomBytes(6).toString('hex')}`;
  url.pathname = `/${name}`;
  await ensureDatabase(url.toString());
  const knex = connect(url.toString(), options);
  await migrate(knex);
  return {
    knex,
    store: createStore(knex),
    url: url.toString(),
    async drop() {
      await knex.raw('DROP DATABASE IF EXISTS ??', [name]);
      await knex.destroy();
    },
  };
}
