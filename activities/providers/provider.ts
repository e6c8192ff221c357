import type { Reading } from '../../domain/enrichment';
import type { ObservableId, ObservableType } from '../../domain/observable';
import type { Policy } from '../../domain/policy';

/** What a provider sent, byte for byte, and what it said it was. */
export interface RawDocument {
  body: Buffer;
  mediaType: string;
}

/**
 * What came of one lookup. `not_known` means asked and nothing there: never evidence of clean. `waiting` is a refusal for
 * now (a rate limit): nothing failed, the same question may be put again at `until`.
 */
export type Answer<F> =
  | { state: 'ok'; facts: F; summary: string; raw?: RawDocument }
  | { state: 'not_known'; summary: string; raw?: RawDocument }
  | { state: 'not_applicable' | 'not_configured'; summary: string; raw?: RawDocument }
  | { state: 'waiting'; until: Date; summary: string; raw?: RawDocument };

export interface LookupContext {
  /** Ends the lookup early; what it was aborted with is what the lookup rejects with. */
  signal: AbortSignal;
  now: () => Date;
}

export interface ReadContext {
  observable: ObservableId;
  /** `action_key` of the audit row that holds the facts. */
  evidence: string;
  policy: Policy;
  /** RFC 3339; the clock of the scoring round. */
  now: string;
}

/** A source of evidence. A new one is a folder beside this file and a line in `index.ts`. */
export interface Provider<F = unknown> {
  /** Stable name: in action keys, in the API, and of the task queue when outside. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** `outside` leaves the machine: it has a queue of its own and passes the gate first. */
  readonly where: 'inside' | 'outside';
  readonly looksUp: readonly ObservableType[];
  /** @throws ProviderError when the provider gave no usable answer */
  lookup(observable: { type: ObservableType; value: string }, context: LookupContext): Promise<Answer<F>>;
  /** Pure: what the facts mean under a policy. Facts may come back from a JSON column years later. */
  read(facts: F, context: ReadContext): Reading;
}
