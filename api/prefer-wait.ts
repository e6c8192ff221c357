import { setTimeout as sleep } from 'node:timers/promises';

/** How long a caller waits for the end of a job, s. */
const DEFAULT_WAIT_S = 10;
const LONGEST_WAIT_S = 60;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

/** What `Prefer: wait=N` (RFC 7240) asks for, in ms; a preference that cannot be read is none. */
export function waitOf(prefer: string | string[] | undefined): number {
  const wait = /(?:^|[,;]\s*)wait\s*=\s*"?(\d{1,6})"?/i.exec(String(prefer ?? ''))?.[1];
  return Math.min(wait === undefined ? DEFAULT_WAIT_S : Number(wait), LONGEST_WAIT_S) * 1000;
}

/** Looks again and again until there is an end, the time is over, or nobody waits any more. @returns what it saw last */
export async function awaitEnd<T>(
  look: () => Promise<T>,
  { isOver, ms, gone }: { isOver: (seen: T) => boolean; ms: number; gone: AbortSignal },
): Promise<T> {
  const deadline = performance.now() + ms;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 1.5)) {
    const seen = await look();
    if (isOver(seen) || gone.aborted || performance.now() + pause > deadline) return seen;
    await sleep(pause, undefined, { signal: gone }).catch(() => {});
  }
}
