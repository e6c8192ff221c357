import type { Finding, IocType } from './indicator';

/** How a file is taken apart before it is read: by its lines, or by the JSON values that it holds. */
export type Cut = 'lines' | 'json';

/** One line, or one JSON value with the line it begins on. */
export interface Part {
  text: string;
  /** From 1. */
  line: number;
  /** Where the value stood: `['objects']` for an item of that array; empty for lines and whole values. */
  path: readonly string[];
}

/** What the caller says of a file beyond its bytes. */
export interface ReadOptions {
  /** Column of a CSV file for each part of an indicator, by its header or its number from 1. */
  columns?: Partial<Record<Column, string>>;
  /** Of every value, where the file does not say it. */
  type?: IocType;
  /** The moment that dates without a year, and ages, are counted from; RFC 3339. */
  now: string;
}

export const COLUMNS = [
  ...(['value', 'type', 'confidence', 'first_seen', 'last_seen', 'expires_at'] as const),
  ...(['tlp', 'tags', 'reference'] as const),
] as const;
export type Column = (typeof COLUMNS)[number];

/** Reads one file; knows what came before, such as its header. */
export interface PartReader {
  read(part: Part): Finding[];
  /** What is known only when the file is over. */
  end?(): Finding[];
}

/** One way in which threat intelligence is written down. A new one is a file of its own and a line in `formats/index.ts`. */
export interface IntelFormat {
  /** As people name it: `stix`, `urlhaus`. */
  name: string;
  title: string;
  cut: Cut;
  /** For `json`: the arrays whose items are read one by one, such as `objects` of a STIX bundle; else the whole value. */
  arrays?: readonly string[];
  /**
   * How sure the beginning of a file is to be this: 0 not at all, 1 certainly. `head` is at most 64 KiB; `value` the first
   * JSON value, or the first item of the first array, where it is JSON.
   */
  recognises(head: string, value: unknown): number;
  open(options: ReadOptions): PartReader;
}

export type { Finding };
