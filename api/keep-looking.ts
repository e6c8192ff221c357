import { setTimeout as sleep } from 'node:timers/promises';

interface Looking {
  /** One look; may ask for another pause than usual, in ms. */
  look: (stopping: AbortSignal) => Promise<number | void>;
  /** Pause between two looks, ms. */
  everyMs: number;
  /** Told of a look that failed; the next one tries again. */
  onProblem: (error: unknown) => void;
}

/** Looks, pauses and looks again until it is stopped; that waits for the look under way. */
export function keepLooking({ look, everyMs, onProblem }: Looking): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const loop = (async () => {
    while (!signal.aborted) {
      const pauseMs = await look(signal).catch(onProblem);
      await sleep(pauseMs ?? everyMs, undefined, { signal }).catch(() => {});
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
