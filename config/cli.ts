import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT, stateHome } from './home';

/** What the `soar` command reads from the environment. */
export interface CliEnv {
  /** Base URL of an API that is not the one of this folder. */
  url: string | undefined;
  apiKey: string | undefined;
  /** State folders in which an API may have left its URL and key: that of `npm start`, then the demo's. */
  homes: string[];
  databaseUrl: string | undefined;
  /** `COLUMNS`: how wide to write where no terminal says it. */
  columns: number | undefined;
  /** The whole environment, for looking at parts that have settings of their own. */
  variables: Record<string, string | undefined>;
}

/** Reads the environment, after the project's `.env` where there is one (variables already set win). */
export function loadCliEnv(): CliEnv {
  const file = join(PROJECT_ROOT, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
  return parseCliEnv({ ...process.env });
}

/** The pure part of {@link loadCliEnv}: an empty variable counts as not set. */
export function parseCliEnv(variables: Record<string, string | undefined>): CliEnv {
  const given = (name: string): string | undefined => variables[name] || undefined;
  return {
    url: given('SOAR_URL'),
    apiKey: given('SOAR_API_KEY'),
    homes: [stateHome(given('SOAR_HOME')), stateHome(given('SOAR_HOME'), 'demo')],
    databaseUrl: given('DATABASE_URL'),
    columns: /^[1-9]\d{0,4}$/.test(given('COLUMNS') ?? '') ? Number(variables['COLUMNS']) : undefined,
    variables,
  };
}
