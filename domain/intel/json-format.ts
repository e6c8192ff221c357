import { isObject } from '../is-object';
import type { Finding, IntelFormat, Part, PartReader, ReadOptions } from './format';
import { problem } from './told';

export type JsonRecord = Record<string, unknown>;

/** Reads the records of one document; knows what came before. */
export interface RecordReader {
  /** @param path names that lead to the array it stood in */
  read(record: JsonRecord, line: number, path: readonly string[]): Finding[];
  end?(): Finding[];
}

/** A format that is JSON records of one shape, be they an array, an envelope's, or one after the other. */
export interface JsonFormat {
  name: string;
  title: string;
  /** The envelope's arrays of records, by the names that lead to them: `objects`, `response.Attribute`. */
  arrays: readonly string[];
  /** True for a record of this format. */
  fits(record: JsonRecord): boolean;
  open(options: ReadOptions): RecordReader;
}

/** What is in a value: items of an array, of an envelope, of a dump whose keys are ids; else the value itself. */
function recordsOf(value: unknown, arrays: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return [value];
  const listed = arrays.map((names) => at(value, names.split('.'))).find((items) => Array.isArray(items));
  if (listed) return listed;
  const members = Object.entries(value);
  const isDump = members.length > 0 && members.every(([id, items]) => /^\d+$/.test(id) && Array.isArray(items));
  return isDump ? members.flatMap(([, items]) => items as unknown[]) : [value];
}

function at(value: unknown, names: readonly string[]): unknown {
  const [name, ...rest] = names;
  if (name === undefined) return value;
  return isObject(value) && Object.hasOwn(value, name) ? at(value[name], rest) : undefined;
}

/** What a record is found by. Nothing is written out whole: what is nested without end exhausts a stack. */
function shown(record: unknown): string {
  if (typeof record !== 'object' || record === null) return String(record);
  return Array.isArray(record) ? 'a list' : `{ ${Object.keys(record).slice(0, 10).join(', ')} }`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** @returns the format; a record that is of another shape is told as such, and the rest is read */
export function jsonFormat(format: JsonFormat): IntelFormat {
  const { name, title, arrays } = format;
  const fitting = (value: unknown): value is JsonRecord => isObject(value) && format.fits(value);

  function readPart(reader: RecordReader, { text, line, path }: Part): Finding[] {
    const value = parse(text);
    if (value === undefined) return [problem(line, 'refused', text, 'Is no JSON')];
    return recordsOf(value, arrays).flatMap((record) =>
      fitting(record)
        ? reader.read(record, line, path)
        : [problem(line, 'unsupported', shown(record), `Is nothing that is known of ${title}`)],
    );
  }

  return {
    name,
    title,
    cut: 'json',
    arrays,
    recognises: (_head, value) => (recordsOf(value, arrays).slice(0, 20).some(fitting) ? 1 : 0),
    open(options): PartReader {
      const reader = format.open(options);
      return { read: (part) => readPart(reader, part), end: () => reader.end?.() ?? [] };
    },
  };
}
