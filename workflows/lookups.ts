import { CancellationScope, condition, isCancellation, patched } from '@temporalio/workflow';
import type { LookupResult, PlannedLookup, StepInput, WaitingLookup } from '../activities/contract';
import { lookupName, parseLookupName } from '../domain/lookup-name';
import type { LookupName, PendingLookup } from '../domain/lookup-name';
import { runLookup } from './steps';

type Step = Omit<StepInput, 'failures'>;

interface Asked {
  step: Step;
  lookup: PlannedLookup;
}

/** A lookup that its source refused for now. */
interface Refused extends Asked {
  /** When to ask without having been told that the source is ready. */
  askAt: string;
}

/**
 * The source's queue says when it is ready. Should nobody say so, the run asks by itself, ever less often: each time costs
 * a dozen events of its history.
 */
const UNTOLD_MS = 5 * 60_000;
const UNTOLD_FACTOR = 4;

/**
 * The lookups of one run. They may outlast their round: one that is late does not hold up the first verdict, and one
 * that its source refused is asked again without a round of its own.
 */
export class Lookups {
  /** Each with its action key. */
  private readonly inFlight = new Map<LookupName, string>();
  /** Repeated before the end of the one before was heard. */
  private readonly queued = new Map<LookupName, Asked>();
  private readonly refused = new Map<LookupName, Refused>();
  /** Whose source may be asked now; this can be heard before that they were refused. */
  private readonly ready = new Set<LookupName>();
  /** Answers that the verdict in force was given without. */
  private owed: readonly LookupName[] = [];
  private failure: Error | undefined;
  /** In which what is on its way is given up. */
  private scope = new CancellationScope();

  /** Starts what is not on its way already, under whatever key. */
  start(step: Step, lookups: readonly PlannedLookup[]): void {
    for (const lookup of lookups) if (!this.inFlight.has(lookupName(lookup))) this.startOne({ step, lookup });
  }

  private startOne(asked: Asked): void {
    const name = lookupName(asked.lookup);
    const underWay = this.inFlight.get(name);
    if (underWay !== undefined) {
      if (underWay !== asked.lookup.key) this.queued.set(name, asked);
      return;
    }
    this.inFlight.set(name, asked.lookup.key);
    const { scope } = this;
    void scope
      .run(() => runLookup(asked.step, asked.lookup))
      .then(
        (result) => {
          if (scope !== this.scope) return;
          this.note(name, asked, result);
          this.land(name);
        },
        (error: unknown) => {
          if (scope !== this.scope && isCancellation(error)) return;
          this.failure ??= error instanceof Error ? error : new Error(String(error));
          this.land(name);
        },
      );
  }

  /** Gives up all that is on its way or waits: nobody wants to know any more. What comes all the same is still recorded. */
  giveUp(): void {
    const { scope } = this;
    this.scope = new CancellationScope();
    for (const some of [this.inFlight, this.queued, this.refused, this.ready]) some.clear();
    this.owed = [];
    scope.cancel();
  }

  /** What is on its way, with the keys that the answers will stand under. */
  underWay(): PendingLookup[] {
    return [...this.inFlight].map(([name, key]) => ({ ...parseLookupName(name), key }));
  }

  private land(name: LookupName): void {
    this.inFlight.delete(name);
    const next = this.queued.get(name);
    this.queued.delete(name);
    if (next) this.startOne(next);
  }

  /** Starts lookups that the verdict in force was given without; under another key, what is on its way is asked again. */
  repeat(step: Step, lookups: readonly PlannedLookup[]): void {
    for (const lookup of lookups) this.startOne({ step, lookup });
    this.owed = [...this.owed, ...lookups.map(lookupName)];
  }

  /** Takes up what an earlier run was waiting for. */
  resume(step: Step, waiting: readonly WaitingLookup[]): void {
    for (const { until, ...lookup } of waiting) {
      const name = lookupName(lookup);
      if (this.inFlight.has(name)) continue;
      this.refused.set(name, { step, lookup, askAt: until });
      this.owed = [...this.owed, name];
    }
  }

  /** Their sources may be asked now. @returns false when some of them are not known to wait */
  allow(names: readonly LookupName[]): boolean {
    for (const name of names) this.ready.add(name);
    return names.every((name) => this.inFlight.has(name) || this.refused.has(name));
  }

  /** Waits until nothing is on its way, but no longer than `ms`. */
  async settle(ms: number, summary: string): Promise<void> {
    await condition(() => this.idle() || this.failure !== undefined, ms, { summary });
    this.throwIfFailed();
  }

  /** True while nothing is on its way. */
  idle(): boolean {
    return this.inFlight.size === 0;
  }

  /** True when nothing is on its way and nothing waits. */
  done(): boolean {
    return this.idle() && this.refused.size === 0;
  }

  /** A verdict begins to be given. @returns what it is given without; what is repeated from now on, it cannot know either */
  judge(): LookupName[] {
    this.owed = [];
    return [...this.inFlight.keys()];
  }

  /** @param late answers that the verdict was given without, as its scoring row says */
  owe(late: readonly LookupName[]): void {
    this.owed = [...this.owed, ...late, ...this.refused.keys()];
  }

  /** True when an answer has come that the verdict was given without. */
  hasNews(): boolean {
    return this.failure !== undefined || this.owed.some((name) => !this.inFlight.has(name) && !this.refused.has(name));
  }

  /** True when a source that refused may be asked now. */
  isDue(): boolean {
    return this.due().length > 0;
  }

  /** When the first source that refused, and is not being asked right now, is asked without having been told. */
  nextTry(): string | null {
    const times = [...this.refused].flatMap(([name, { askAt }]) => (this.inFlight.has(name) ? [] : [askAt]));
    return times.sort()[0] ?? null;
  }

  /** Asks those again whose time has come. */
  askDue(): void {
    this.throwIfFailed();
    for (const [name, { step, lookup }] of this.due()) {
      this.ready.delete(name);
      this.start(step, [{ ...lookup, refusals: lookup.refusals + 1 }]);
    }
  }

  private due(): [LookupName, Refused][] {
    return [...this.refused].filter(
      ([name, { askAt }]) => !this.inFlight.has(name) && (this.ready.has(name) || Date.parse(askAt) <= Date.now()),
    );
  }

  private note(name: LookupName, asked: Asked, { state, until }: LookupResult): void {
    if (state !== 'waiting' || until === null) {
      // what waits under another key is another lookup
      if (this.refused.get(name)?.lookup.key === asked.lookup.key) this.refused.delete(name);
      if (!this.refused.has(name)) this.ready.delete(name);
      return;
    }
    // runs of before ask when the time has come that they were given
    const told = patched('told-when-ready');
    const untold = told ? UNTOLD_MS * UNTOLD_FACTOR ** Math.min(asked.lookup.refusals, 6) : 0;
    const askAt = new Date(Math.max(Date.parse(until), Date.now()) + untold).toISOString();
    // only a source outside refuses, whatever this lookup was planned for
    const lookup = { ...asked.lookup, queue: asked.lookup.source };
    this.refused.set(name, { ...asked, lookup, askAt });
  }

  /** Sources record their own failures; what ends up here is a lost claim or a bug, and ends the run. */
  private throwIfFailed(): void {
    if (this.failure) throw this.failure;
  }
}
