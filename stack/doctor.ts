import { existsSync, readFileSync, statSync } from 'node:fs';
import { searchAttributeProblems } from '../api/search-attributes';
import { statePaths } from '../config/home';
import { connect } from '../db/connect';
import type { Knex } from '../db/connect';
import { pendingMigrations } from '../db/migrate';
import { createStore } from '../db/store';
import { PLAYBOOK_QUEUE } from '../domain/names';
import { checkFeeds } from './doctor-feeds';
import { checkNotices } from './doctor-notices';
import { checkProviders } from './doctor-providers';
import { checkSite } from './doctor-site';
import { ownServerVariables } from './temporal';
import { pollersOf, retentionDays, serverVersion, withTemporal } from './temporal-namespace';

/** One part, looked at. */
export interface Check {
  name: string;
  ok: boolean;
  /** What was found. */
  detail: string;
  /** How to mend it; null when there is nothing to mend. */
  fix: string | null;
}

export interface DiagnoseOptions {
  /** State folder of the suite to look at. */
  home: string;
  /** The environment: variables named by design win over what the state folder says. */
  variables: Record<string, string | undefined>;
}

interface Parts {
  url: string | undefined;
  databaseUrl: string | undefined;
  temporal: { address: string; namespace: string } | undefined;
}

const OLDEST_NODE = [20, 19] as const;
const RETENTION_DAYS = 30;
const MIB = 1024 * 1024;
/** A raw document of 10 MB, escaped by the driver, fits with room to spare. */
const LEAST_PACKET = 32 * MIB;

/** Looks at every part of a suite; what cannot be looked at counts as not ok. */
export async function diagnose({ home, variables }: DiagnoseOptions): Promise<Check[]> {
  const parts = partsOf(home, variables);
  const { checks, providers } = await checkDatabase(parts.databaseUrl);
  return [
    checkNode(),
    checkSite(variables.SOAR_SITE_FILE),
    ...checks,
    ...(await checkTemporal(parts.temporal, variablesFor(home, variables), [PLAYBOOK_QUEUE, ...providers])),
    await checkApi(parts.url),
    await checkKey(statePaths(home).apiKey, parts.url, variables),
  ];
}

function partsOf(home: string, variables: DiagnoseOptions['variables']): Parts {
  const paths = statePaths(home);
  const stated = readIfThere(paths.temporal);
  const known = stated === undefined ? undefined : (JSON.parse(stated) as Parts['temporal']);
  const address = variables.TEMPORAL_ADDRESS || known?.address;
  return {
    url: variables.SOAR_URL || readIfThere(paths.url),
    databaseUrl: variables.DATABASE_URL || readIfThere(paths.databaseUrl),
    temporal: address
      ? { address, namespace: variables.TEMPORAL_NAMESPACE || known?.namespace || 'default' }
      : undefined,
  };
}

/** A server that was brought up here is reached by other settings than one that the environment names. */
function variablesFor(home: string, variables: DiagnoseOptions['variables']): DiagnoseOptions['variables'] {
  const paths = statePaths(home);
  const own = !variables.TEMPORAL_ADDRESS && existsSync(paths.temporalConfig);
  return own ? ownServerVariables(paths, variables) : variables;
}

function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  return check('Node', ok, process.version, `install Node ${OLDEST_NODE.join('.')} or newer`);
}

const START = 'start the suite: npm start';

/** What the database says of itself, and which outside providers workers have reported in it. */
interface DatabaseChecks {
  checks: Check[];
  providers: string[];
}

async function checkDatabase(url: string | undefined): Promise<DatabaseChecks> {
  const unusable = (detail: string, fix: string) => ({ checks: [check('MySQL', false, detail, fix)], providers: [] });
  if (!url) return unusable('no database is known', `${START}, or set DATABASE_URL`);
  const knex = connect(url, { poolSize: 2 });
  try {
    const [[{ version }]] = (await knex.raw('SELECT VERSION() AS version')) as [[{ version: string }]];
    const { host, pathname } = new URL(url);
    const found = check('MySQL', true, `${version} at ${host}${pathname}`);
    const { checks, providers } = await checkSchema(knex);
    return { checks: [found, await checkPacketSize(knex), ...checks], providers };
  } catch (error) {
    return unusable(messageOf(error), `${START}; or check DATABASE_URL and that its server is up`);
  } finally {
    await knex.destroy();
  }
}

/** A statement beyond the server's limit breaks the connection, each time again. */
async function checkPacketSize(knex: Knex): Promise<Check> {
  const [[{ bytes }]] = (await knex.raw('SELECT @@max_allowed_packet AS bytes')) as [[{ bytes: number }]];
  return check(
    'Largest packet',
    Number(bytes) >= LEAST_PACKET,
    `max_allowed_packet is ${Math.floor(Number(bytes) / MIB)} MiB`,
    `large documents would be retried for ever: SET GLOBAL max_allowed_packet = ${LEAST_PACKET}; and the same in the ` +
      'server’s configuration, then restart API and workers',
  );
}

async function checkSchema(knex: Knex): Promise<DatabaseChecks> {
  const pending = await pendingMigrations(knex);
  if (pending.length > 0) {
    const missing = check('Migrations', false, `pending: ${pending.join(', ')}`, 'apply them: npm run migrate');
    return { checks: [missing], providers: [] };
  }
  const store = createStore(knex);
  const now = new Date();
  const { open, pending: fresh, stuck } = await store.stats.openCounts(now.toISOString());
  const providers = await store.quotas.status();
  return {
    checks: [
      check('Migrations', true, 'all applied'),
      check(
        'Incidents',
        stuck.length === 0,
        `${open} open, ${fresh} not started yet${stuck.length > 0 ? `, stuck: ${stuck.join(', ')}` : ''}`,
        'these were restarted 5 times within an hour: look at their runs in the Temporal UI and at the worker’s log',
      ),
      checkProviders(providers),
      checkNotices(await store.notices.backlog(), now),
      checkFeeds(await store.iocSources.feeds(), now),
    ],
    providers: providers.map(({ name }) => name),
  };
}

async function checkTemporal(
  temporal: Parts['temporal'],
  variables: DiagnoseOptions['variables'],
  queues: readonly string[],
): Promise<Check[]> {
  if (!temporal) return [check('Temporal', false, 'no server is known', `${START}, or set TEMPORAL_ADDRESS`)];
  const { address, namespace } = temporal;
  try {
    return await withTemporal({ address, variables }, async (connection) => {
      const [version, days, problems, ...pollers] = await Promise.all([
        serverVersion(connection),
        retentionDays(connection, namespace),
        searchAttributeProblems(connection, namespace),
        ...queues.map((queue) => pollersOf(connection, namespace, queue)),
      ]);
      const idle = queues.filter((_, index) => pollers[index] === 0);
      return [
        check('Temporal', true, `server ${version} at ${address}, namespace ${namespace}`),
        check(
          'Retention',
          days !== undefined && days >= RETENTION_DAYS,
          days === undefined ? `no namespace ${namespace}` : `closed runs are kept ${days} days`,
          `temporal operator namespace update -n ${namespace} --retention ${RETENTION_DAYS}d`,
        ),
        check(
          'Search attributes',
          problems.length === 0,
          problems.join(', ') || 'all registered',
          'restart the API, which registers them',
        ),
        check(
          'Workers',
          idle.length === 0,
          idle.length === 0 ? 'every task queue is polled' : `nobody polls ${idle.join(', ')}`,
          'start a worker: npm run worker',
        ),
      ];
    });
  } catch (error) {
    return [check('Temporal', false, `${address}: ${messageOf(error)}`, `${START}; or check TEMPORAL_ADDRESS`)];
  }
}

async function checkApi(url: string | undefined): Promise<Check> {
  if (!url) return check('API', false, 'no API is known', `${START}, or set SOAR_URL`);
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5000) });
    return check(
      'API',
      response.ok,
      `${url} is ${response.ok ? 'ready' : 'not ready'}`,
      `read ${url}/readyz: it says why`,
    );
  } catch (error) {
    return check('API', false, `${url}: ${messageOf(error)}`, `${START}; or npm run api`);
  }
}

/** The key that the `soar` command would show: of an API elsewhere (`SOAR_URL`) only the environment can know it. */
async function checkKey(
  file: string,
  url: string | undefined,
  variables: DiagnoseOptions['variables'],
): Promise<Check> {
  const given = variables.SOAR_API_KEY;
  if (!given && variables.SOAR_URL) return check('API key', false, 'no key for SOAR_URL', 'set SOAR_API_KEY');
  if (!given && !existsSync(file)) return check('API key', false, `no ${file}`, `${START}, which makes one`);
  if (existsSync(file) && (statSync(file).mode & 0o077) !== 0) {
    return check('API key', false, `${file} can be read by others`, `chmod 600 ${file}`);
  }
  const from = given ? 'SOAR_API_KEY' : file;
  const status = url ? await statusWith(given || readFileSync(file, 'utf8').trim(), url) : undefined;
  if (status === 200) return check('API key', true, `${from}, taken by the API`);
  if (status === 401) {
    const fix = given
      ? 'set SOAR_API_KEY to a key of this API, or unset it'
      : 'start again (npm start, npm run demo), which makes a new one';
    return check('API key', false, `${from} is refused by the API (401)`, fix);
  }
  const why = status === undefined ? 'the API does not answer' : `the API answers ${status}`;
  return check('API key', false, `${from} could not be tried: ${why}`, 'mend the API first');
}

async function statusWith(key: string, url: string): Promise<number | undefined> {
  try {
    const headers = { authorization: `Bearer ${key}` };
    const asked = `${url.replace(/\/+$/, '')}/api/v1/incidents?limit=1`;
    const response = await fetch(asked, { headers, signal: AbortSignal.timeout(5000) });
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined;
  }
}

function check(name: string, ok: boolean, detail: string, fix = ''): Check {
  return { name, ok, detail, fix: ok ? null : fix };
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error);
  return text ?? 'unknown error';
}
