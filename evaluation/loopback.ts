import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CaseAnswers } from './case';
import { serviceReply } from './services';

/** The services of all cases, on this machine only. */
export interface Loopback {
  /** Where the services answer as a case has it; for each call, an address of its own. */
  serving(answers: CaseAnswers): string;
  close(): Promise<void>;
}

/** Starts it on a free port of 127.0.0.1. */
export async function startLoopback(): Promise<Loopback> {
  const served: CaseAnswers[] = [];
  const server = createServer(answering(served));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    serving: (answers) => `http://127.0.0.1:${port}/${served.push(answers) - 1}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answering(served: readonly CaseAnswers[]): RequestListener {
  return (request, response) => {
    const [, index = '', target = '/'] = /^\/(\d+)(\/.*)$/.exec(request.url ?? '') ?? [];
    const answers = served[Number(index)];
    const { status, headers, body } = answers ? serviceReply(answers, target) : { status: 404, headers: {}, body: {} };
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}
