import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { loadCatalogue } from './catalogue';
import { createFaults, faultReply, parseRule, type Faults, type ProviderName, type Rule } from './faults';
import { createIpApiSimulation, createVirusTotalSimulation, jsonReply, type Reply } from './providers';

export type { Rule } from './faults';

export interface SimulatorOptions {
  /** Default 0: a free one. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** The documents are dated by it; default the real clock. */
  now?: () => Date;
}

/** One request as it was answered; `status` is null while, or because, it was left hanging. */
export interface SeenRequest {
  at: string;
  provider: ProviderName | null;
  method: string;
  path: string;
  status: number | null;
}

export interface Simulator {
  url: string;
  requests(): SeenRequest[];
  /** Orders a fault; `{mode: 'ok'}` withdraws all. */
  control(rule: Rule): void;
  close(): Promise<void>;
}

interface Route {
  provider: ProviderName;
  answer: () => Reply;
}
type Router = (request: IncomingMessage, url: URL) => Route | undefined;

/**
 * Plays VirusTotal v3 (`/api/v3/…`) and ip-api.com (`/json/:ip`) from our own documents; every answer bears
 * `X-Simulated: true`. `POST /_control` takes a {@link Rule}, `GET /_control/requests` lists what was asked.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, host = '127.0.0.1', now = () => new Date() } = options;
  const router = createRouter(now);
  const faults = createFaults();
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    handle(request, response, { router, faults, seen }).catch((error: unknown) => {
      if (!response.headersSent) send(response, jsonReply(500, { error: String(error) }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`,
    requests: () => seen.map((entry) => ({ ...entry })),
    control: (rule) => faults.order(parseRule(rule)),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

function createRouter(now: () => Date): Router {
  const catalogue = loadCatalogue();
  const virustotal = createVirusTotalSimulation(catalogue.virustotal);
  const ipApi = createIpApiSimulation(catalogue.ipApi);
  return (request, url) => {
    if (url.pathname.startsWith('/api/v3/')) {
      const key = request.headers['x-apikey'];
      const path = url.pathname.slice('/api/v3/'.length);
      return {
        provider: 'virustotal',
        answer: () => virustotal.answer(path, Array.isArray(key) ? key[0] : key, now()),
      };
    }
    if (url.pathname.startsWith('/json/')) {
      const address = decodeURIComponent(url.pathname.slice('/json/'.length));
      return { provider: 'geoip', answer: () => ipApi.answer(address, url.searchParams.get('fields') ?? undefined) };
    }
    return undefined;
  };
}

interface Handling {
  router: Router;
  faults: Faults;
  seen: SeenRequest[];
}

async function handle(request: IncomingMessage, response: ServerResponse, handling: Handling): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://simulator.invalid');
  const method = request.method ?? 'GET';
  if (url.pathname === '/_control' || url.pathname === '/_control/requests') {
    send(response, await control(method, url.pathname, request, handling));
    return;
  }
  const route = handling.router(request, url);
  const path = `${url.pathname}${url.search}`;
  const entry: SeenRequest = {
    at: new Date().toISOString(),
    provider: route?.provider ?? null,
    method,
    path,
    status: null,
  };
  handling.seen.push(entry);
  const reply = route ? await played(route, path, handling.faults) : jsonReply(404, { error: 'no such path' });
  if (!reply) return;
  entry.status = reply.status;
  send(response, reply);
}

/** The answer under the rule in force; undefined = none, ever. */
async function played(route: Route, path: string, faults: Faults): Promise<Reply | undefined> {
  const rule = faults.take(route.provider, path);
  if (!rule) return route.answer();
  if (rule.mode === 'hang') return undefined;
  if (rule.mode === 'latency') await new Promise((resolve) => setTimeout(resolve, rule.ms ?? 1000).unref());
  return faultReply(rule, route.provider) ?? route.answer();
}

async function control(
  method: string,
  path: string,
  request: IncomingMessage,
  { faults, seen }: Handling,
): Promise<Reply> {
  if (path === '/_control/requests' && method === 'GET') return jsonReply(200, seen);
  if (path !== '/_control' || method !== 'POST') return jsonReply(405, { error: 'POST a rule, or GET the requests' });
  try {
    faults.order(parseRule(JSON.parse(await text(request))));
    return jsonReply(200, { active: faults.active });
  } catch (error) {
    return jsonReply(422, { error: error instanceof Error ? error.message : String(error) });
  }
}

function send(response: ServerResponse, { status, body, headers }: Reply): void {
  response.writeHead(status, { ...headers, 'x-simulated': 'true', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
