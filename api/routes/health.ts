import { z } from 'zod';
import type { Logger } from '../../config/logger';
import { defineRoute } from '../define-route';
import { RETRY_AFTER_SECONDS } from '../problems';

/** A part that does not answer within this is away, ms. The engine gets less: nobody's readiness waits for it. */
const PROBE_LIMIT_MS = 3_000;
const ENGINE_LIMIT_MS = 500;

export const health = defineRoute({
  method: 'get',
  path: '/healthz',
  group: 'Service',
  summary: 'Is the process alive',
  open: true,
  curl: 'curl $SOAR_URL/healthz',
  responses: { 200: { description: 'It is', json: z.object({ status: z.literal('ok') }).meta({ id: 'Health' }) } },
}).handle(() => ({ status: 200, json: { status: 'ok' as const } }));

const readinessSchema = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    mysql: z.enum(['ok', 'away']),
    migrations: z.enum(['ok', 'pending', 'unknown']),
    engine: z.enum(['ok', 'away']).describe('Alerts are accepted without it; their playbooks start when it is back'),
  })
  .meta({ id: 'Readiness' });

export const readiness = defineRoute({
  method: 'get',
  path: '/readyz',
  group: 'Service',
  summary: 'Can it take alerts',
  description: 'Ready when MySQL answers and every migration has been applied. The engine is reported, but not needed.',
  open: true,
  curl: 'curl $SOAR_URL/readyz',
  responses: {
    200: { description: 'Ready', json: readinessSchema },
    503: { description: 'Not ready', json: readinessSchema, headers: { 'Retry-After': 'Seconds' } },
  },
}).handle(async ({ logger }, { database, gateway }) => {
  const [mysql, pending, engine] = await Promise.all([
    probe(() => database.ping().then(() => true), PROBE_LIMIT_MS, logger),
    probe(() => database.pendingMigrations(), PROBE_LIMIT_MS, logger),
    probe(() => gateway.ready(), ENGINE_LIMIT_MS, logger),
  ]);
  const parts = {
    mysql: mysql ? 'ok' : 'away',
    migrations: pending === undefined ? 'unknown' : pending.length === 0 ? 'ok' : 'pending',
    engine: engine ? 'ok' : 'away',
  } as const;
  if (parts.mysql === 'ok' && parts.migrations === 'ok') return { status: 200, json: { status: 'ready', ...parts } };
  const headers = { 'Retry-After': String(RETRY_AFTER_SECONDS) };
  return { status: 503, headers, json: { status: 'not_ready', ...parts } };
});

async function probe<T>(ask: () => Promise<T>, limitMs: number, logger: Logger): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([ask(), late]);
  } catch (error) {
    logger.debug({ err: error }, 'a part is away');
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
