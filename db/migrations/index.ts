import type { Knex } from '../connect';
import { down, up } from './20261123A-create-schema';

interface Migration {
  up(knex: Knex): Promise<void>;
  down(): Promise<void>;
}

/** Every migration, oldest first. Forward only: one that has been released is never edited. */
export const MIGRATIONS: readonly { name: string; migration: Migration }[] = [
  { name: '20261123A-create-schema', migration: { up, down } },
];
