import { connect, ensureDatabase, ping } from '../db/connect';
import { StackError } from './errors';
import { startPrivateMysql } from './mysql';
import type { OpenStack, StackKind } from './open';
import { startPrivateTemporal } from './temporal';
import type { TemporalServer } from './temporal';
import { ensureNamespace, withTemporal } from './temporal-namespace';
import { registerSearchAttributes } from '../api/search-attributes';

/** The two servers everything else stands on. */
export interface Servers {
  databaseUrl: string;
  temporal: TemporalServer;
}

const RETENTION_DAYS = 30;
/** The demo never touches a configured database or namespace: on given servers it has these. */
const DEMO_NAME = 'soar_demo';

/** Uses the servers that the environment names, and brings up private ones for those it does not. */
export async function startServers(stack: OpenStack, kind: Exclude<StackKind, 'test'>): Promise<Servers> {
  const databaseUrl = await stack.progress.step('MySQL', async (report) => {
    const { databaseUrl: given } = stack.env;
    if (given === undefined) return startPrivateMysql(stack, 'soar', report);
    const url = kind === 'demo' ? withDatabase(given, DEMO_NAME) : given;
    report(`${new URL(url).host}${new URL(url).pathname}, as DATABASE_URL says`);
    await checkDatabase(url);
    return url;
  });
  const temporal = await stack.progress.step('Temporal', async (report) => {
    const { temporalAddress: address, temporalNamespace, temporalUiUrl: uiUrl, variables } = stack.env;
    if (address === undefined) return startPrivateTemporal(stack, report);
    const namespace = kind === 'demo' ? DEMO_NAME : (temporalNamespace ?? 'default');
    report(`${address}, namespace ${namespace}, as TEMPORAL_ADDRESS says`);
    await checkTemporal({ address, variables }, namespace);
    return { address, namespace, uiUrl };
  });
  return { databaseUrl, temporal };
}

/**
 * For the tests, which make databases and namespaces of their own: on given servers nothing but those is touched.
 * Private servers are as fast as data that nobody keeps allows.
 */
export async function startTestServers(stack: OpenStack): Promise<Servers> {
  const { databaseUrl: given, temporalAddress: address, temporalUiUrl: uiUrl } = stack.env;
  const databaseUrl =
    given ?? (await stack.progress.step('MySQL', (report) => startPrivateMysql(stack, 'soar_test', report)));
  const temporal =
    address === undefined
      ? await stack.progress.step('Temporal', (report) => startPrivateTemporal(stack, report))
      : { address, namespace: 'default', uiUrl };
  return { databaseUrl, temporal };
}

function withDatabase(databaseUrl: string, name: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return url.toString();
}

async function checkDatabase(url: string): Promise<void> {
  try {
    await ensureDatabase(url);
    const knex = connect(url, { poolSize: 1 });
    await ping(knex).finally(() => knex.destroy());
  } catch (cause) {
    throw new StackError('The database that DATABASE_URL names cannot be used.', {
      cause,
      advice: ['check host, port, user and password; the user must be allowed to create the database'],
    });
  }
}

async function checkTemporal(target: Parameters<typeof withTemporal>[0], namespace: string): Promise<void> {
  try {
    await withTemporal(target, async (connection) => {
      await ensureNamespace(connection, namespace, RETENTION_DAYS);
      await registerSearchAttributes(connection, namespace);
    });
  } catch (cause) {
    throw new StackError('The Temporal server that TEMPORAL_ADDRESS names cannot be used.', {
      cause,
      advice: [
        'check address, namespace and, with TLS or an API key, the TEMPORAL_TLS_… and TEMPORAL_API_KEY variables',
      ],
    });
  }
}
