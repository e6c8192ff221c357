import type { Tlp } from '../domain/alert';
import type { Finding, Indicator, IocType } from '../domain/intel/indicator';
import type { ReadOptions } from '../domain/intel/format';
import type { ObservableType } from '../domain/observable';
import type { Reliability } from '../domain/signal';
import type { IocMatch, Sighting } from './ioc-match';
import type { ActionRow, IocImportRow, IocImportProblemRow, IocSourceRow } from './rows';
import type { Instant } from './time';

export const IOC_VERDICTS = ['malicious', 'benign'] as const;
export type IocVerdict = (typeof IOC_VERDICTS)[number];

/** What an analyst says of an entry, whatever its sources say. */
export interface IocOverride {
  verdict: IocVerdict;
  reason: string;
  by: string;
  at: Instant;
}

/** An entry with all that was said of it. Confidence is as given; what is left of it today is a matter of policy. */
export interface IocView {
  id: number;
  type: IocType;
  value: string;
  created_at: Instant;
  created_by: string;
  override: IocOverride | null;
  sightings: Sighting[];
}

export interface IocFilter {
  type?: IocType | undefined;
  source?: string | undefined;
  /** One that any source has given. */
  tag?: string | undefined;
  /** What an analyst says of it. */
  verdict?: IocVerdict | undefined;
}

/** Which of a walk's entries come next: newest first, so that what is added meanwhile is not met. */
export interface IocWalk extends IocFilter {
  /** Id below which to go on; absent: from the newest. */
  below?: number | undefined;
  limit: number;
}

export interface Who {
  actor: string;
  at: string;
}

/** One more thing that somebody says by hand; of a known sighting, what is left out stays as it is. */
export interface ManualIoc extends Omit<Indicator, 'revoked'> {
  source: string;
}

/** What somebody did to an entry, as the audit has it. */
export type IocAct = Pick<ActionRow, 'at' | 'actor' | 'action' | 'summary'>;

export type ChangeOutcome<T> = { outcome: 'changed' | 'unchanged'; ioc: T } | { outcome: 'not_found' };

export interface IocRepository {
  /** Entries for the value itself, ranges that hold an address, parent domains of a host; exact ones first. */
  lookup(observable: { type: ObservableType; value: string }): Promise<IocMatch[]>;
  /** The same for many values in a few statements, in the order of the values. */
  lookupMany(observables: readonly { type: IocType; value: string }[]): Promise<IocMatch[][]>;
  /** Ids of the incidents that hold the value, newest first. */
  incidentsWith(observable: { type: ObservableType; value: string }, limit: number): Promise<string[]>;
  /** As {@link incidentsWith}, in the order of the values. */
  incidentsWithMany(observables: readonly { type: IocType; value: string }[], limit: number): Promise<string[][]>;
  get(id: number): Promise<IocView | undefined>;
  find(type: IocType, value: string): Promise<IocView | undefined>;
  /** What people have done to an entry, also to one that is gone; newest first. Files are told by its sightings. */
  history(id: number, limit: number): Promise<IocAct[]>;
  /** A stretch of all entries; fewer than `limit` when it is the last one. */
  walk(walk: IocWalk): Promise<IocView[]>;
  /** Adds an entry or one more sighting of it, audited in the system's chain. A known sighting is dated anew. */
  add(ioc: ManualIoc, by: Who): Promise<{ created: boolean; ioc: IocView }>;
  /** Sets what an analyst says, or (null) takes it back; audited. */
  override(
    id: number,
    verdict: { verdict: IocVerdict; reason: string } | null,
    by: Who,
  ): Promise<ChangeOutcome<IocView>>;
  /** Removes what one source says; the entry too when nothing is left that is said of it. Audited with what stood there. */
  removeSighting(id: number, source: string, by: Who): Promise<ChangeOutcome<IocView | null>>;
  /** Removes an entry with all sightings; audited with what stood there. */
  remove(id: number, by: Who): Promise<boolean>;
  /**
   * Removes all that a source has said, stretch by stretch, and the entries of which nothing else is said. What it comes to
   * is audited before it begins; broken off, it is gone on with by asking again. The source's files may be imported anew.
   */
  removeSource(source: string, by: Who): Promise<{ sightings: number; entries: number }>;
}

/** How a source is believed, and what holds of its values where it does not say. */
export interface IocSourceSettings {
  /** NATO letter; what is found by it weighs so much in a verdict. */
  reliability: Reliability;
  /** 0–100. */
  confidence: number;
  tlp: Tlp | null;
  /** After the last sighting; null = only age takes its confidence away. */
  expires_after_days: number | null;
  tags: string[];
  description: string | null;
  /** Where it is fetched from, regularly; null = somebody imports it. */
  feed: IocFeed | null;
}

export interface IocFeed {
  url: string;
  /** Null = recognised. */
  format: string | null;
  columns: ReadOptions['columns'] | null;
  every_seconds: number;
  paused: boolean;
}

/** What holds of a source that nobody has given settings; the IOC database as a whole is believed so far. */
export const UNDECLARED: IocSourceSettings = {
  ...{ reliability: 'B', confidence: 50, tlp: null, expires_after_days: null, tags: [] },
  ...{ description: null, feed: null },
};

export interface IocSourceView extends IocSourceSettings {
  name: string;
  /** Whether somebody has given it settings; else it only has sightings. */
  declared: boolean;
  /** Entries that it has sightings of. */
  entries: number;
  last_poll: Pick<IocSourceRow, 'polled_at' | 'poll_outcome' | 'poll_error' | 'last_import_id'>;
  created_at: Instant | null;
  created_by: string | null;
}

export interface IocSourceRepository {
  list(): Promise<IocSourceView[]>;
  get(name: string): Promise<IocSourceView | undefined>;
  /** Declares a source or changes its settings; audited. */
  put(name: string, settings: IocSourceSettings, by: Who): Promise<{ created: boolean; source: IocSourceView }>;
  /** Forgets its settings (and its feed); its sightings stay. Audited. */
  remove(name: string, by: Who): Promise<boolean>;
  /** All feeds, paused ones too, for the schedules. */
  feeds(): Promise<IocSourceRow[]>;
  /** What came of a poll, with the validators for the next one; audited once for each `pollId`. */
  notePoll(name: string, poll: PollNote): Promise<void>;
}

export interface PollNote {
  /** Names the poll: a second note of it changes nothing. */
  pollId: string;
  at: string;
  outcome: 'not_modified' | 'imported' | 'failed';
  importId?: string | undefined;
  etag?: string | null | undefined;
  lastModified?: string | null | undefined;
  /** `updated_at` of the source as it was asked: validators of what it was set to before count for nothing. */
  settingsOf?: Instant | undefined;
  error?: string | undefined;
}

/** What is asked for with a file. */
export interface ImportOptions {
  /** Null = recognised. */
  format: string | null;
  columns: ReadOptions['columns'] | null;
  type: IocType | null;
  /** In the place of the source's own. */
  confidence: number | null;
  tlp: Tlp | null;
  tags: string[] | null;
  expires_after_days: number | null;
}

export interface NewImport {
  source: string;
  fileName: string | null;
  options: ImportOptions;
  actor: string;
  at: string;
}

export interface ImportPage<T> {
  items: T[];
  nextCursor: string | null;
}

/**
 * Imports, as jobs: the file stands in MySQL in pieces until it is read, so that any worker goes on where another one was
 * killed.
 */
export interface IocImportRepository {
  /**
   * Takes a file in. The same bytes for the same source with the same options are the same import, however often they are
   * sent: nothing is read again once it is done.
   * @throws whatever the stream throws; nothing is left then
   */
  receive(file: AsyncIterable<Buffer>, wanted: NewImport): Promise<{ repeated: boolean; job: IocImportRow }>;
  get(id: string): Promise<IocImportRow | undefined>;
  list(query: {
    source?: string | undefined;
    limit: number;
    cursor?: string | undefined;
  }): Promise<ImportPage<IocImportRow>>;
  /** Line by line, at most 10,000; of the last 20 imports of a source. */
  problems(id: string, query: { limit: number; cursor?: string | undefined }): Promise<ImportPage<IocImportProblemRow>>;
  /**
   * Reads the file from where the last one who did it came to, batch by batch, each in one transaction with its place. Ends
   * in `done`, or `failed` where the file as a whole cannot be read; audited.
   * @throws ImportTakenError when somebody else works on it
   */
  work(id: string, options: ImportWork): Promise<IocImportRow>;
  /** Ends an import that nobody is to go on with in `failed`; what was read of it stays. Nothing happens to one that is over. */
  giveUp(id: string, end: { at: string; reason: string }): Promise<IocImportRow>;
  /** Imports that nobody works on, oldest first. */
  due(now: string, limit: number): Promise<IocImportRow[]>;
  /** Looks after an import again later. */
  checkAgain(id: string, at: string): Promise<void>;
}

export interface ImportWork {
  clock: () => Date;
  /** Names of the warning lists and site rules that know a value; what is known is kept, and counted as flagged. */
  warningsOf: (indicators: readonly { type: IocType; value: string }[]) => string[][];
  /** After each batch, and while nothing is found that is to be written. */
  onProgress?: (job: IocImportRow) => void;
  signal?: AbortSignal;
}

export type { Finding };
