import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A network line to a database server that a test can cut and mend. */
export interface Line {
  /** The same URL, but along this line. */
  through(databaseUrl: string): string;
  cut(): void;
  mend(): Promise<void>;
}

export async function openLine(serverUrl: string): Promise<Line> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;

  async function open(): Promise<void> {
    const fresh = createServer((near) => {
      const far = connect(Number(target.port || 3306), target.hostname);
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => [near, far].forEach((end) => end.destroy()));
      }
      near.pipe(far);
      far.pipe(near);
    });
    await new Promise<void>((resolve) => fresh.listen(port, '127.0.0.1', resolve));
    port = (fresh.address() as AddressInfo).port;
    server = fresh;
  }

  await open();
  return {
    through(databaseUrl) {
      const url = new URL(databaseUrl);
      url.hostname = '127.0.0.1';
      url.port = String(port);
      return url.toString();
    },
    cut() {
      server?.close();
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
    mend: open,
  };
}
