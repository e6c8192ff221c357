import { createServer } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';

/** Whether a TCP port can be bound; 0 asks for any. Gives the port bound, or undefined. */
function tryPort(port: number, host: string): Promise<number | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(undefined));
    server.listen(port, host, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address ? address.port : undefined;
      server.close(() => done(bound));
    });
  });
}

export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return (await tryPort(port, host)) !== undefined;
}

/** A free loopback port: the preferred one when it is free. */
export async function freePort(preferred?: number): Promise<number> {
  const port = (preferred ? await tryPort(preferred, '127.0.0.1') : undefined) ?? (await tryPort(0, '127.0.0.1'));
  if (port === undefined) throw new Error('no free loopback port');
  return port;
}

/** Ports of earlier runs, by name, so that bookmarks and open tabs survive a restart. */
export interface RememberedPorts {
  get(name: string): number | undefined;
  set(name: string, port: number): void;
}

/** Kept as JSON in `file`; an unreadable file counts as empty. */
export function rememberedPorts(file: string): RememberedPorts {
  let ports: Record<string, unknown> = {};
  try {
    ports = Object(JSON.parse(readFileSync(file, 'utf8'))) as Record<string, unknown>;
  } catch {
    // the first run, or a file cut short: ports are then chosen anew
  }
  return {
    get: (name) => (typeof ports[name] === 'number' ? ports[name] : undefined),
    set: (name, port) => {
      ports[name] = port;
      writeFileSync(file, JSON.stringify(ports));
    },
  };
}
