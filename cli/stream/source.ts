import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';

/** Where alerts are read from. */
export interface Source {
  /** Path, or `stdin`. */
  name: string;
  /** Bytes; undefined when nobody knows. */
  size: number | undefined;
  /** Its first bytes. */
  head: Buffer;
  /** Its bytes from an offset on. What has no size can be read once, from the beginning. */
  read(offset: number): AsyncIterable<Buffer>;
}

/** How a source is taken apart. */
export type Shape = 'document' | 'array' | 'values' | 'ndjson' | 'log';

const HEAD_BYTES = 64 * 1024;
const CHUNK_BYTES = 256 * 1024;

/** @throws an error of the file system when it cannot be read */
export async function fileSource(path: string): Promise<Source> {
  const { size } = await stat(path);
  const handle = await open(path);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(size, HEAD_BYTES)));
    // not what is written while it is read: where reading ended has to be known
    const read = (start: number): AsyncIterable<Buffer> =>
      start >= size ? nothing() : createReadStream(path, { start, end: size - 1, highWaterMark: CHUNK_BYTES });
    return { name: path, size, head: buffer.subarray(0, bytesRead), read };
  } finally {
    await handle.close();
  }
}

async function* nothing(): AsyncGenerator<Buffer> {}

/** Of standard input; `head` is what comes first, which may be little. */
export async function stdinSource(input: AsyncIterable<Buffer>): Promise<Source> {
  const chunks = input[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < HEAD_BYTES) {
    const next = await chunks.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  async function* read(): AsyncGenerator<Buffer> {
    yield head;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  }
  return { name: 'stdin', size: undefined, head, read };
}

/** The number of a log that was put aside (`auth.log.1`) is no suffix. */
const suffixOf = (name: string): string => /(\.[a-z]+)(?:\.\d+)?$/i.exec(basename(name))?.[1]?.toLowerCase() ?? '';

const BY_SUFFIX: Readonly<Record<string, Shape>> = {
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.log': 'log',
  '.syslog': 'log',
  '.cef': 'log',
  '.leef': 'log',
  '.eml': 'document',
};

/** By its name, else by how it begins. `lines`: a text is read line by line, whatever it is called. */
export function shapeOf({ name, head }: Pick<Source, 'name' | 'head'>, lines: boolean): Shape {
  const suffix = suffixOf(name);
  const named = BY_SUFFIX[suffix];
  if (named) return named === 'document' && lines ? 'log' : named;
  const text = head.toString('utf8').replace(/^\ufeff?\s*/, '');
  // a line of a log may begin with a bracket, too
  const isJson = suffix === '.json' || /^\{|^\[\s*[[{"\]]/.test(text);
  if (!isJson || !/^[[{]/.test(text)) return lines && suffix !== '.json' ? 'log' : 'document';
  if (text.startsWith('[')) return 'array';
  return beginsWithWholeLine(text) ? 'ndjson' : 'values';
}

function beginsWithWholeLine(text: string): boolean {
  const end = text.indexOf('\n');
  if (end === -1 || text.slice(end).trim() === '') return false;
  try {
    JSON.parse(text.slice(0, end));
    return true;
  } catch {
    return false;
  }
}
