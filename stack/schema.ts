import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from '../db/connect';
import { KeyNameTakenError } from '../db/errors';
import { migrate } from '../db/migrate';
import { MIGRATIONS } from '../db/migrations';
import { seed } from '../db/seed';
import { createStore } from '../db/store';
import type { Store } from '../db/store';
import type { OpenStack, StackKind } from './open';
import type { Report } from './progress';

/** Brings the database up to date, and sees to an admin key that can be read in the state folder. */
export async function prepareSchema(
  { paths }: Pick<OpenStack, 'paths'>,
  databaseUrl: string,
  kind: StackKind,
  report: Report,
): Promise<void> {
  const knex = connect(databaseUrl, { poolSize: 2 });
  try {
    const { applied } = await migrate(knex);
    // the examples are dated relative to now, so the demo renews them; a real database gets them when it is made
    const seeded = madeSchema(applied) || kind === 'demo' ? await seed(knex, new Date().toISOString()) : 0;
    report(`${applied.length} migrations applied${seeded > 0 ? `, ${seeded} example IOCs` : ''}`);
    const store = createStore(knex);
    if (!(await isKey(store, paths.apiKey))) {
      writePrivate(paths.apiKey, await newAdminKey(store));
    }
    writePrivate(paths.databaseUrl, databaseUrl);
  } finally {
    await knex.destroy();
  }
}

/** Whether these migrations made the schema, and not only changed it: made-up IOCs must not come back later. */
export function madeSchema(applied: readonly string[]): boolean {
  return MIGRATIONS[0] !== undefined && applied.includes(MIGRATIONS[0].name);
}

/** Whether the file holds a key of this database: state folder and database may have been parted. */
async function isKey(store: Store, file: string): Promise<boolean> {
  return existsSync(file) && (await store.apiKeys.verify(readFileSync(file, 'utf8').trim())) !== undefined;
}

/** Where the name is taken by a key that is lost, or that another state folder holds, the next one: `admin-2`. */
async function newAdminKey({ apiKeys }: Store): Promise<string> {
  for (let number = 1; ; number += 1) {
    try {
      return (await apiKeys.create(number === 1 ? 'admin' : `admin-${number}`, 'admin', 'bring-up')).key;
    } catch (error) {
      if (!(error instanceof KeyNameTakenError)) throw error;
    }
  }
}

function writePrivate(file: string, text: string): void {
  rmSync(file, { force: true });
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
}
