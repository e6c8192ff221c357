import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface Served {
  url: string;
  seen: { path: string; headers: IncomingHttpHeaders }[];
}

/** A server on loopback for answers that the simulator has no rule for; it goes away with the test. */
export async function serve(
  t: TestContext,
  answer: (response: ServerResponse, request: { path: string; headers: IncomingHttpHeaders }) => void,
): Promise<Served> {
  const seen: Served['seen'] = [];
  const server = createServer((request, response) => {
    const entry = { path: request.url ?? '', headers: request.headers };
    seen.push(entry);
    answer(response, entry);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

export function context(now = '2026-11-23T12:34:20.000Z', signal: AbortSignal = new AbortController().signal) {
  return { signal, now: () => new Date(now) };
}
