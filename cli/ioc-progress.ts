import { SingleBar } from 'cli-progress';
import type { IocImport } from './ioc-client';
import type { Output } from './output';
import { counted } from './text';

export interface ImportBar {
  sent(bytes: number): void;
  read(job: IocImport): void;
  stop(): void;
}

const MIB = 2 ** 20;
const megabytes = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;

/** A bar while somebody watches: first of the bytes that are sent, then of those that are read. */
export function importBar(out: Output, name: string, size: number | undefined): ImportBar {
  if (!out.live) return { sent() {}, read() {}, stop() {} };
  const bar = new SingleBar({
    ...{ format: ' {bar} {percentage}% | {text}', stream: process.stderr, barsize: 30, hideCursor: true },
    clearOnComplete: true,
  });
  bar.start(size ?? 1, 0, { text: `sending ${name}` });
  return {
    // what nobody knows the length of is never nearly done
    sent: (bytes) => bar.update(size === undefined ? 0 : bytes, { text: `sending ${name}, ${megabytes(bytes)}` }),
    read({ progress, counts }) {
      const kept = counts.added + counts.updated + counts.unchanged;
      bar.setTotal(Math.max(progress.bytes, 1));
      bar.update(progress.bytes_done, {
        text: `reading ${name}, ${counted(kept)} kept, line ${counted(progress.lines)}`,
      });
    },
    stop: () => bar.stop(),
  };
}
