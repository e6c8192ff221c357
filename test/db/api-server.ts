import assert from 'node:assert/strict';
import { pino } from 'pino';
import type { z } from 'zod';
import { createApp } from '../../api/app';
import type { Route } from '../../api/define-route';
import type { ApiDeps } from '../../api/deps';
import type { ActOrder, EngineGateway, StartableIncident } from '../../api/gateway';
import { ROUTES } from '../../api/routes';
import type { ProblemDocument } from '../../api/problems';
import type { incidentListSchema, incidentSchema } from '../../api/schemas/incident';
import type { iocAnswerSchema } from '../../api/schemas/ioc';
import { problemSchema } from '../../api/schemas/problem';
import type { providersSchema } from '../../api/schemas/provider';
import type { retrySchema } from '../../api/schemas/retry';
import type { submissionSchema } from '../../api/schemas/submission';
import { listen } from '../../api/server';
import { ping } from '../../db/connect';
import { pendingMigrations } from '../../db/migrate';
import type { Store } from '../../db/store';
import { DEFAULT_POLICY } from '../../domain/policy';
import { DEFAULT_SITE } from '../../domain/site';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { GUARDS } from '../support/guards';

export type Submission = z.output<typeof submissionSchema>;
export type Incident = z.output<typeof incidentSchema>;
export type Page = z.output<typeof incidentListSchema>;
export type IocAnswer = z.output<typeof iocAnswerSchema>;
export type Providers = z.output<typeof providersSchema>;
export type Retry = z.output<typeof retrySchema>;

/** `json` is what the test expects; that it is so is checked against the route's declaration. */
export interface Answer<T> {
  status: number;
  headers: Headers;
  text: string;
  json: T;
}

export interface CallOptions {
  body?: unknown;
  /** Sent as it is. */
  raw?: string | Buffer;
  headers?: Record<string, string>;
  /** `null`: without a key. */
  key?: string | null;
}

export interface TestApi {
  url: string;
  key: string;
  database: TestDatabase;
  store: Store;
  /** What the engine was asked to start. */
  starts: StartableIncident[];
  /** What the engine was asked to ask again. */
  retries: Parameters<EngineGateway['retry']>[];
  /** What the engine was asked to have runs do. */
  orders: ActOrder[];
  /** Incidents whose runs the engine was asked to tell of alerts that have joined. */
  roused: string[];
  /** Incidents whose runs it was asked to replace, and to end. */
  replaced: string[];
  cancelled: string[];
  /** Re-scorings that the engine was asked to go on with. */
  rescores: string[];
  /** Imports that it was asked to carry out, and sources whose feeds it was asked to poll. */
  imports: string[];
  polls: string[];
  /** Lines the application logged. */
  log: string[];
  call<T = ProblemDocument>(method: string, path: string, options?: CallOptions): Promise<Answer<T>>;
  submit(alert: Record<string, unknown>): Promise<Answer<Submission>>;
  stop(): Promise<void>;
}

type Overrides = Partial<Omit<ApiDeps, 'gateway'>> & { gateway?: Partial<ApiDeps['gateway']> };

/** The real application on a real socket and database; of the engine only what it was asked for. */
export async function startApi({ gateway, ...overrides }: Overrides = {}): Promise<TestApi> {
  const database = await createTestDatabase();
  const { store, knex } = database;
  const starts: StartableIncident[] = [];
  const retries: TestApi['retries'] = [];
  const orders: ActOrder[] = [];
  const roused: string[] = [];
  const replaced: string[] = [];
  const cancelled: string[] = [];
  const rescores: string[] = [];
  const imports: string[] = [];
  const polls: string[] = [];
  const log: string[] = [];
  const app = createApp({
    store,
    database: { ping: () => ping(knex), pendingMigrations: () => pendingMigrations(knex) },
    gateway: {
      start: (incident) => {
        starts.push(incident);
        return Promise.resolve('started');
      },
      rouse: (incident: StartableIncident) => Promise.resolve(void roused.push(incident.id)),
      replace: (incident) => Promise.resolve(void replaced.push(incident.id)),
      cancel: ({ id }) => Promise.resolve(void cancelled.push(id)),
      ready: () => Promise.resolve(true),
      retry: (...asked) => {
        retries.push(asked);
        return Promise.resolve([]);
      },
      act: (_incident, order) => Promise.resolve(void orders.push(order)),
      rescore: ({ id }) => Promise.resolve(void rescores.push(id)),
      importIocs: ({ id }) => Promise.resolve(void imports.push(id)),
      pollFeed: (source) => Promise.resolve(void polls.push(source)),
      ...gateway,
    },
    site: { current: () => DEFAULT_SITE },
    policy: { current: () => DEFAULT_POLICY },
    guards: GUARDS,
    logger: pino({ level: 'debug' }, { write: (line: string) => void log.push(line) }),
    clock: () => new Date(),
    correlationWindowMs: 0,
    importLimit: 2 ** 30,
    publicUrl: 'http://soar.test',
    keyFile: '.soar/demo/api-key',
    temporal: { uiUrl: 'http://temporal.test', namespace: 'default' },
    ...overrides,
  });
  const server = await listen(app, { port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${server.port}`;
  const { key } = await store.apiKeys.create('tester', 'admin', 'test');
  const call = <T = ProblemDocument>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> =>
    request<T>(`${url}${path}`, method, options.key === undefined ? { ...options, key } : options);
  return {
    url,
    key,
    database,
    store,
    starts,
    retries,
    orders,
    roused,
    replaced,
    cancelled,
    rescores,
    imports,
    polls,
    log,
    call,
    submit: (alert) => call<Submission>('POST', '/api/v1/alerts', { body: alert }),
    async stop() {
      await server.close();
      await database.drop();
    },
  };
}

async function request<T>(
  url: string,
  method: string,
  { body, raw, headers = {}, key }: CallOptions,
): Promise<Answer<T>> {
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(url, {
    method,
    headers: {
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    redirect: 'manual',
    ...(content === undefined ? {} : { body: content }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const answer: Answer<T> = {
    status: response.status,
    headers: response.headers,
    text,
    json: (isJson && text !== '' ? JSON.parse(text) : undefined) as T,
  };
  assertDeclared(method, new URL(url).pathname, answer);
  return answer;
}

/** Every answer of every test is held against what the route declares, with no field beyond it. */
function assertDeclared(method: string, path: string, answer: Answer<unknown>): void {
  if (answer.headers.get('content-type')?.startsWith('application/problem+json')) {
    const problem = problemSchema.parse(answer.json);
    assert.deepEqual(problem, answer.json);
    assert.equal(problem.status, answer.status);
    return;
  }
  const route = ROUTES.find((candidate) => candidate.method === method.toLowerCase() && matches(candidate, path));
  if (!route) return;
  const declared = route.responses[answer.status];
  assert.ok(declared, `${method} ${path} does not declare ${answer.status}`);
  if (answer.json !== undefined && declared.json) assert.deepEqual(declared.json.parse(answer.json), answer.json);
}

function matches(route: Route, path: string): boolean {
  return new RegExp(`^${route.path.replace(/\./g, '\\.').replace(/:\w+/g, '[^/.]+')}$`).test(path);
}

/** Pointers of a 422, sorted. */
export function pointers(answer: Answer<unknown>): string[] {
  assert.equal(answer.status, 422, answer.text);
  return (problemSchema.parse(answer.json).errors ?? []).map(({ pointer }) => pointer).sort();
}
