import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Notice, Told } from '../../domain/notice';

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** The other tool: takes webhooks on loopback. */
export interface Receiver {
  url: string;
  /** In the order in which they came, whatever was answered. */
  received: Received[];
  close(): Promise<void>;
}

/** @param answer is given each request and how many came before it; default: takes all of them */
export async function startReceiver(
  answer: (response: ServerResponse, request: Received, before: number) => void = (response) =>
    void response.writeHead(204).end(),
): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const one = { method, path, headers, body: Buffer.concat(chunks).toString('utf8') };
      answer(response, one, received.push(one) - 1);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close() {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** As the standard says how to check it, by other means than ours. */
export function isSigned({ headers, body }: Received, secret: Buffer): boolean {
  const [id, at, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers[name]);
  const mac = createHmac('sha256', secret);
  for (const part of [String(id), '.', String(at), '.', body]) mac.update(part);
  return signature === `v1,${mac.digest().toString('base64')}`;
}

export type Payload = Told & { id: string; type: string; version: number; sent_at: string };

export function payloadOf({ body }: Received): Payload {
  return JSON.parse(body) as Payload;
}

/** All events that were told one by one. */
export function eventsIn(received: readonly Received[]): Notice[] {
  return received.flatMap((one) => payloadOf(one).events);
}
