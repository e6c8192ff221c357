import type { ObservableType } from './observable';

/** What the rules need to know of a source of evidence, whoever it is. */
export interface SourceProfile {
  /** Stable name: in action keys, in the API, and of the task queue when outside. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** `outside` leaves the machine: it has a queue of its own and passes the gate first. */
  readonly where: 'inside' | 'outside';
  readonly looksUp: readonly ObservableType[];
}

/** The name of a source as people know it. */
export function titleOfSource(sources: readonly SourceProfile[], name: string): string {
  return sources.find((source) => source.name === name)?.title ?? name;
}
