import { createServer, type Server } from 'node:http';
import type { Express } from 'express';
import type { Duplex } from 'node:stream';
import { randomUUID } from 'node:crypto';
import { Problem, problemDocument } from './problems';
import { startDeadline } from './request-deadline';

/** A sender that has not finished its headers by then is let go, ms. */
const HEADERS_TIMEOUT_MS = 15_000;
/** Longer than the idle timeout of common load balancers, which otherwise reuse a connection that is just closing. */
const KEEP_ALIVE_MS = 65_000;
/** Requests under way at shutdown have this long to finish, ms. */
const DRAIN_MS = 10_000;
const IDLE_CHECK_MS = 50;

export interface HttpServer {
  /** Port actually bound. */
  port: number;
  /** Takes no new connections, lets requests under way finish, then closes. */
  close(): Promise<void>;
}

/** Serves the application. @throws Error with code EADDRINUSE when the port is taken */
export async function listen(app: Express, at: { port: number; host: string }): Promise<HttpServer> {
  const server = createServer(
    // Node's own limit of a whole request holds for all of them, and would cut uploads
    { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS },
  );
  server.on('request', (request) =>
    startDeadline(request, () => refuseUnreadable(new Error('came too slowly'), request.socket)),
  );
  server.on('request', app);
  server.on('clientError', refuseUnreadable);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : at.port, close: () => drain(server) };
}

async function drain(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection is kept alive after its answer, and would bring its next request to a server that is going.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  const impatient = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  server.closeIdleConnections();
  await closed;
  clearInterval(idle);
  clearTimeout(impatient);
}

/** What Node could not read as HTTP never reaches the application; it still gets a problem document. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = new Problem('malformed-request', 'This is not readable as HTTP, or came too slowly.');
  const body = JSON.stringify(problemDocument(problem, '', randomUUID()));
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/problem+json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
