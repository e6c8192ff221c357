import type { Knex } from '../connect';
import { down, up } from './20261123A-create-schema';
import { up as addProviderQuotas } from './20261124A-provider-quotas';
import { up as addEarlierIncidents } from './20261128A-earlier-incidents';
import { up as addRescores } from './20261128B-rescores';
import { up as addCorrelation } from './20261129A-correlation';
import { up as addCasework } from './20261130A-casework';
import { up as addIocs } from './20261130B-iocs';

interface Migration {
  up(knex: Knex): Promise<void>;
  down(): Promise<void>;
}

/** Every migration, oldest first. Forward only: one that has been released is never edited. */
export const MIGRATIONS: readonly { name: string; migration: Migration }[] = [
  { name: '20261123A-create-schema', migration: { up, down } },
  { name: '20261124A-provider-quotas', migration: { up: addProviderQuotas, down } },
  { name: '20261128A-earlier-incidents', migration: { up: addEarlierIncidents, down } },
  { name: '20261128B-rescores', migration: { up: addRescores, down } },
  { name: '20261129A-correlation', migration: { up: addCorrelation, down } },
  { name: '20261130A-casework', migration: { up: addCasework, down } },
  { name: '20261130B-iocs', migration: { up: addIocs, down } },
];
