import { setTimeout as sleep } from 'node:timers/promises';

/** One run that was asked for. */
export interface Launched {
  id: string;
  /** When it was asked for, ms since 1970. */
  at: number;
  /** How long the asking took, ms. */
  tookMs: number;
}

/** What is put under load: the suite, or the floor. */
export interface Target {
  /** Asks for one more run. */
  launch(): Promise<Launched>;
  /**
   * Of the given runs those that have ended since the last look, with the time of their end in ms since 1970. It is
   * asked ten times a second: it has to be cheap.
   */
  ended(ids: readonly string[]): Promise<Map<string, number>>;
}

/** What one phase of load came to. */
export interface Phase {
  runs: number;
  /** From the first asking to the last end, ms. */
  elapsedMs: number;
  /** From asking to end, ms. */
  latenciesMs: number[];
  /** Of the asking alone, ms. */
  launchesMs: number[];
  ids: string[];
}

export interface LoadOptions {
  runs: number;
  /** Runs under way at once; as one ends, the next is asked for. */
  atOnce: number;
  signal: AbortSignal;
  /** Longest time in which nothing ends, ms; default one minute. */
  patienceMs?: number;
}

const LOOK_EVERY_MS = 100;
const PATIENCE_MS = 60_000;

/**
 * Keeps so many runs under way until all have ended.
 * @throws Error when nothing ends any more, or when a run cannot be asked for
 */
export async function runLoad(target: Target, options: LoadOptions): Promise<Phase> {
  const { runs, atOnce, signal, patienceMs = PATIENCE_MS } = options;
  const phase: Phase = { runs, elapsedMs: 0, latenciesMs: [], launchesMs: [], ids: [] };
  const underWay = new Map<string, Launched>();
  const startedAt = Date.now();
  let lastEnd = startedAt;
  let lookedAt = startedAt;
  while (phase.latenciesMs.length < runs) {
    signal.throwIfAborted();
    const free = Math.min(atOnce - underWay.size, runs - phase.ids.length);
    for (const launched of await Promise.all(Array.from({ length: free }, () => target.launch()))) {
      underWay.set(launched.id, launched);
      phase.ids.push(launched.id);
      phase.launchesMs.push(launched.tookMs);
    }
    await sleep(Math.max(0, lookedAt + LOOK_EVERY_MS - Date.now()), undefined, { signal });
    lookedAt = Date.now();
    const ended = await target.ended([...underWay.keys()]);
    for (const [id, at] of ended) {
      phase.latenciesMs.push(at - (underWay.get(id)?.at ?? NaN));
      underWay.delete(id);
      lastEnd = Math.max(lastEnd, at);
    }
    if (ended.size === 0 && Date.now() - Math.max(lastEnd, startedAt) > patienceMs) {
      throw new Error(`nothing has ended for ${patienceMs / 1000} s; ${underWay.size} are under way`);
    }
  }
  phase.elapsedMs = lastEnd - startedAt;
  return phase;
}
