import type { GuardSource } from '../config/guards';
import type { Logger } from '../config/logger';
import type { PolicySource, SiteSource } from '../config/site';
import type { Store } from '../db/store';
import type { EngineGateway } from './gateway';

/** What the API asks of the database apart from the store: whether it is there and up to date. */
export interface DatabaseProbe {
  ping(): Promise<unknown>;
  /** Names of the migrations that have not been applied. */
  pendingMigrations(): Promise<string[]>;
}

/** Everything the HTTP application needs; only `main` constructs it. */
export interface ApiDeps {
  store: Store;
  database: DatabaseProbe;
  gateway: Pick<
    EngineGateway,
    ('start' | 'rouse' | 'replace' | 'cancel' | 'ready' | 'retry' | 'act' | 'rescore') | ('importIocs' | 'pollFeed')
  >;
  site: SiteSource;
  guards: GuardSource;
  policy: PolicySource;
  logger: Logger;
  clock: () => Date;
  /** Within which further alerts of one story join its incident, ms; 0 = off. */
  correlationWindowMs: number;
  /** Most bytes of a file of indicators, unpacked. */
  importLimit: number;
  /** Where people reach the API, without a slash at the end; links start with it. */
  publicUrl: string;
  /** Where the first key stands, as the reference tells everybody: it gives away no more of the machine than it must. */
  keyFile: string;
  /** Links to runs are given only when it is known. */
  temporal: { uiUrl: string | undefined; namespace: string };
}
