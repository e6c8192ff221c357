import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAbuseIpDbSimulation } from './abuseipdb';
import { loadCatalogue } from './catalogue';
import type { Catalogue } from './catalogue';
import { control } from './control';
import { createFaults, faultReply, parseRule, type Faults, type ProviderName, type Rule } from './faults';
import { createLimits, type LimitKeeper, type Limits } from './limits';
import { createIpApiSimulation, createVirusTotalSimulation, jsonReply, type Reply } from './providers';
import { createRequestLog, type RequestLog, type SeenRequest } from './request-log';
import { quotaHeaders, refusalOf } from './standing';

export type { Rule } from './faults';
export type { Limits } from './limits';

export interface SimulatorOptions {
  /** Default 0: a free one. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** The documents are dated by it; default the real clock. */
  now?: () => Date;
  /** What it knows; default the documents in `samples/providers`. */
  catalogue?: Catalogue;
  /** What the services allow, by the real clock; default all that is asked. */
  limits?: Limits;
}

export interface Simulator {
  url: string;
  /** What was asked since the start or the last {@link forget}, oldest first. */
  requests(): SeenRequest[];
  forget(): void;
  /** Orders a fault; `{mode: 'ok'}` withdraws all. */
  control(rule: Rule): void;
  /** Replaces the limits; `{}` lifts all. The counts begin anew. */
  limit(limits: Limits): void;
  close(): Promise<void>;
}

interface Route {
  provider: ProviderName;
  answer: () => Reply;
}
type Router = (request: IncomingMessage, url: URL) => Route | undefined;

interface Handling {
  router: Router;
  faults: Faults;
  limits: LimitKeeper;
  log: RequestLog;
}

/**
 * Plays VirusTotal v3 (`/api/v3/…`), ip-api.com (`/json/:ip`) and AbuseIPDB (`/api/v2/check`) from our own documents;
 * every answer bears `X-Simulated: true`. It is told what to do at `/_control` (see {@link control}).
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, host = '127.0.0.1', now = () => new Date(), catalogue = loadCatalogue() } = options;
  const handling: Handling = {
    router: createRouter(catalogue, now),
    faults: createFaults(),
    limits: createLimits(options.limits),
    log: createRequestLog(),
  };
  const server = createServer((request, response) => {
    handle(request, response, handling).catch((error: unknown) => {
      if (!response.headersSent) send(response, jsonReply(500, { error: String(error) }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`,
    requests: () => handling.log.entries().map((entry) => ({ ...entry })),
    forget: () => handling.log.clear(),
    control: (rule) => handling.faults.order(parseRule(rule)),
    limit: (limits) => handling.limits.set(limits),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

function createRouter(catalogue: Catalogue, now: () => Date): Router {
  const virustotal = createVirusTotalSimulation(catalogue.virustotal);
  const ipApi = createIpApiSimulation(catalogue.ipApi);
  const abuseIpDb = createAbuseIpDbSimulation(catalogue.abuseIpDb);
  return (request, url) => {
    const header = (name: string) => [request.headers[name]].flat()[0];
    if (url.pathname.startsWith('/api/v3/')) {
      const path = url.pathname.slice('/api/v3/'.length);
      return { provider: 'virustotal', answer: () => virustotal.answer(path, header('x-apikey'), now()) };
    }
    if (url.pathname === '/api/v2/check') {
      return { provider: 'abuseipdb', answer: () => abuseIpDb.check(url.searchParams, header('key'), now()) };
    }
    if (url.pathname.startsWith('/json/')) {
      const address = decodeURIComponent(url.pathname.slice('/json/'.length));
      return { provider: 'geoip', answer: () => ipApi.answer(address, url.searchParams.get('fields') ?? undefined) };
    }
    return undefined;
  };
}

async function handle(request: IncomingMessage, response: ServerResponse, handling: Handling): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://simulator.invalid');
  const method = request.method ?? 'GET';
  if (url.pathname.startsWith('/_control')) {
    send(response, await control(request, url.pathname, handling));
    return;
  }
  const route = handling.router(request, url);
  const path = `${url.pathname}${url.search}`;
  const entry = handling.log.add({ provider: route?.provider ?? null, method, path });
  const reply = route ? await played(route, entry, handling) : jsonReply(404, { error: 'no such path' });
  if (!reply) return;
  entry.status = reply.status;
  send(response, reply);
}

/** The answer within the limits and under the rule in force; undefined = none, ever. Whatever comes of it, a request counts. */
async function played(route: Route, entry: SeenRequest, { faults, limits }: Handling): Promise<Reply | undefined> {
  const { provider } = route;
  const standing = limits.take(provider);
  if (standing.over) {
    entry.over = standing.over;
    return refusalOf(provider, standing, new Date());
  }
  const rule = faults.take(provider, entry.path);
  if (rule?.mode === 'hang') return undefined;
  if (rule?.mode === 'latency') await new Promise((resolve) => setTimeout(resolve, rule.ms ?? 1000).unref());
  const fault = rule && faultReply(rule, provider);
  if (fault) return fault;
  const reply = route.answer();
  return { ...reply, headers: { ...reply.headers, ...quotaHeaders(provider, standing) } };
}

function send(response: ServerResponse, { status, body, headers }: Reply): void {
  response.writeHead(status, { ...headers, 'x-simulated': 'true', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
