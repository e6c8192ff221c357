import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { Worker } from '@temporalio/worker';

/**
 * `/healthz`: the process lives. `/readyz`: every worker is running, else 503.
 * @param port TCP port on all loopback and container addresses
 */
export function serveHealth(workers: readonly Worker[], host: string, port: number): Server {
  return createServer((request, response) => {
    const states = workers.map((worker) => ({ queue: worker.options.taskQueue, state: worker.getState() }));
    const ready = states.every(({ state }) => state === 'RUNNING');
    const known = request.url === '/healthz' || request.url === '/readyz';
    const status = !known ? 404 : request.url === '/readyz' && !ready ? 503 : 200;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(known ? { ready, workers: states } : { error: 'not found' }));
  }).listen(port, host);
}
