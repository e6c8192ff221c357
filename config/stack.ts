import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from './home';

/** What the bring-up reads from the environment; everything else is handed on to the processes as it is. */
export interface StackEnv {
  /** The whole environment, `.env` included: the basis of every child's. */
  variables: Record<string, string | undefined>;
  databaseUrl: string | undefined;
  temporalAddress: string | undefined;
  temporalNamespace: string | undefined;
  temporalUiUrl: string | undefined;
  /** Absent = 8080 or the next free one. */
  port: number | undefined;
  host: string;
  soarHome: string | undefined;
  /** Per-user cache for what is built once and shared by all clones. */
  cacheHome: string;
  searchPath: string[];
  chromium: string | undefined;
}

/** Reads the environment, after the project's `.env` where there is one (variables already set win). */
export function loadStackEnv(): StackEnv {
  const file = join(PROJECT_ROOT, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
  return parseStackEnv({ ...process.env });
}

/** The pure part of {@link loadStackEnv}: an empty variable counts as not set. */
export function parseStackEnv(variables: Record<string, string | undefined>): StackEnv {
  const given = (name: string): string | undefined => variables[name] || undefined;
  const port = given('PORT');
  return {
    variables,
    databaseUrl: given('DATABASE_URL'),
    temporalAddress: given('TEMPORAL_ADDRESS'),
    temporalNamespace: given('TEMPORAL_NAMESPACE'),
    temporalUiUrl: given('TEMPORAL_UI_URL'),
    port: port === undefined ? undefined : Number(port),
    host: given('HOST') ?? '127.0.0.1',
    soarHome: given('SOAR_HOME'),
    cacheHome: join(given('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'soar-suite'),
    searchPath: (given('PATH') ?? '').split(':').filter(Boolean),
    chromium: given('CHROMIUM_PATH'),
  };
}
