import { condition } from '@temporalio/workflow';
import type { LookupResult, PendingLookup, PlannedLookup, StepInput } from '../activities/contract';
import { runLookup } from './steps';

type Step = Omit<StepInput, 'failures'>;

/** A lookup that its source refused for now. */
interface Refused {
  step: Step;
  lookup: PlannedLookup;
  until: string;
}

function nameOf({ source, observable }: PlannedLookup): PendingLookup {
  return `${source}/${observable}`;
}

/**
 * The lookups of one run. They may outlast their round: one that is late does not hold up the first verdict, and one
 * that its source refused is asked again without a round of its own.
 */
export class Lookups {
  private readonly inFlight = new Set<PendingLookup>();
  private readonly refused = new Map<PendingLookup, Refused>();
  /** Answers that the verdict in force was given without. */
  private owed: readonly PendingLookup[] = [];
  private failure: Error | undefined;

  /** Starts what is not on its way already. */
  start(step: Step, lookups: readonly PlannedLookup[]): void {
    for (const lookup of lookups) {
      const name = nameOf(lookup);
      if (this.inFlight.has(name)) continue;
      this.inFlight.add(name);
      void runLookup(step, lookup)
        .then((result) => this.note(name, { step, lookup }, result))
        .catch((error: unknown) => (this.failure ??= error instanceof Error ? error : new Error(String(error))))
        .finally(() => this.inFlight.delete(name));
    }
  }

  /** Waits until nothing is on its way, but no longer than `ms`. */
  async settle(ms: number, summary: string): Promise<void> {
    await condition(() => this.idle() || this.failure !== undefined, ms, { summary });
    this.throwIfFailed();
  }

  idle(): boolean {
    return this.inFlight.size === 0;
  }

  onTheirWay(): PendingLookup[] {
    return [...this.inFlight];
  }

  /** @param late answers that the verdict was given without, as its scoring row says */
  owe(late: readonly PendingLookup[]): void {
    this.owed = [...late, ...this.refused.keys()];
  }

  /** True when an answer has come that the verdict was given without. */
  hasNews(): boolean {
    return this.failure !== undefined || this.owed.some((name) => !this.inFlight.has(name) && !this.refused.has(name));
  }

  /** When the first source that refused, and is not being asked right now, may be asked again. */
  nextTry(): string | null {
    const times = [...this.refused].flatMap(([name, { until }]) => (this.inFlight.has(name) ? [] : [until]));
    return times.sort()[0] ?? null;
  }

  /** Asks those again whose time has come. @returns false when nothing was refused in this run */
  tryAgain(): boolean {
    this.throwIfFailed();
    if (this.refused.size === 0) return false;
    for (const { step, lookup, until } of this.refused.values()) {
      if (Date.parse(until) <= Date.now()) this.start(step, [{ ...lookup, refusals: lookup.refusals + 1 }]);
    }
    return true;
  }

  private note(name: PendingLookup, asked: Omit<Refused, 'until'>, { state, until }: LookupResult): void {
    if (state === 'waiting' && until !== null) this.refused.set(name, { ...asked, until });
    else this.refused.delete(name);
  }

  /** Sources record their own failures; what ends up here is a lost claim or a bug, and ends the run. */
  private throwIfFailed(): void {
    if (this.failure) throw this.failure;
  }
}
