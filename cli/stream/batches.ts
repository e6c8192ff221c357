import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import {
  arraySplitter,
  lineSplitter,
  valueSplitter,
  type Piece,
  type Position,
  type Splitter,
} from '../../domain/split-bytes';
import { messageOf } from '../errors';
import { contentTypeOf } from '../read-alerts';
import { shapeOf, type Shape, type Source } from './source';

/** What the API takes at once, less the brackets around it. */
const LONGEST_ITEM = 5 * 1024 * 1024 - 1024;
/** Of one batch: enough that a call is worth it, and few enough that its answer comes soon. */
const MOST_ITEMS = 500;
const MOST_BYTES = 1024 * 1024;

/** One alert, or what should be one, and where it stands. */
export interface Item {
  /** `file:line`, or the file where it is the only one. */
  name: string;
  file: string;
  line: number;
  offset: number;
  bytes: Buffer;
  /** Why it is not sent. */
  problem: string | undefined;
}

/** What is sent at once: a part of one source. */
export interface Batch {
  source: Source;
  items: Item[];
  /** `/alerts` for a single document, else `/alerts/batch`. */
  single: boolean;
  contentType: string;
  body: Buffer;
  /**
   * The same part of the same file has the same key, whenever it is sent; so nothing of it is taken twice. Another part,
   * or a file of the same name with other contents, has another one, so nothing is taken for what it is not.
   */
  key: string;
  /** The source has been read up to here. */
  end: Position;
  /** It ends here. */
  last: boolean;
}

export interface BatchOptions {
  /** Texts are read line by line. */
  lines: boolean;
  /** Where an earlier run stopped; default: the beginning. */
  from?: Position | undefined;
}

const SPLITTERS = { array: arraySplitter, values: valueSplitter, ndjson: lineSplitter, log: lineSplitter };
const BEGINNING: Position = { offset: 0, line: 1 };

/**
 * The batches of a source, cut where its contents say and nowhere else: read again, they are the same. Of the source only
 * one batch and one chunk are held.
 */
export async function* batchesOf(source: Source, { lines, from }: BatchOptions): AsyncGenerator<Batch> {
  const shape = shapeOf(source, lines);
  if (shape === 'document') {
    yield await documentBatch(source);
    return;
  }
  const splitter = SPLITTERS[shape]({ longest: LONGEST_ITEM, ...(from ? { from } : {}) });
  let open: Item[] = [];
  let size = 0;
  let end = from ?? BEGINNING;
  const cut = (last: boolean): Batch => {
    const batch = batchOf(source, shape, { items: open, end, last });
    [open, size] = [[], 0];
    return batch;
  };
  for await (const pieces of piecesOf(source, splitter, end)) {
    for (const piece of pieces) {
      const length = piece.end - piece.offset;
      if (open.length === MOST_ITEMS || (open.length > 0 && size + length > MOST_BYTES)) yield cut(false);
      open.push(itemOf(source, shape, piece));
      size += length;
      end = { offset: piece.end, line: piece.endLine };
    }
  }
  if (splitter.unfinished && !open.at(-1)?.problem) open.push(refusal(source, end, 'the JSON does not end'));
  end = { offset: source.size ?? end.offset, line: end.line };
  const [only, ...more] = open;
  if (only && more.length === 0 && shape === 'values' && only.line === 1) only.name = source.name;
  yield cut(true);
}

/** A source that cannot be read to its end says so as its last item. */
async function* piecesOf(source: Source, splitter: Splitter, { offset }: Position): AsyncGenerator<Piece[]> {
  for await (const chunk of source.read(offset)) yield splitter.push(chunk);
  yield splitter.end();
}

function itemOf({ name: file }: Source, shape: Shape, { bytes, tooLong, line, offset }: Piece): Item {
  const problem = tooLong
    ? 'has more than 5 MiB'
    : shape === 'array' || shape === 'values'
      ? whyNoJson(bytes)
      : undefined;
  return { name: `${file}:${line}`, file, line, offset, bytes, problem };
}

function refusal({ name: file }: Source, { line, offset }: Position, problem: string): Item {
  return { name: `${file}:${line}`, file, line, offset, bytes: Buffer.alloc(0), problem };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** One that is broken would break the array it is sent in; in NDJSON it is only a broken line. */
function whyNoJson(bytes: Buffer): string | undefined {
  try {
    JSON.parse(utf8.decode(bytes));
    return undefined;
  } catch (error) {
    return error instanceof SyntaxError ? 'is not JSON' : 'is not valid UTF-8';
  }
}

const SHAPES = {
  array: { contentType: 'application/json', join: (parts: Buffer[]) => joined('[', parts, ',', ']') },
  values: { contentType: 'application/json', join: (parts: Buffer[]) => joined('[', parts, ',', ']') },
  ndjson: { contentType: 'application/x-ndjson', join: (parts: Buffer[]) => joined('', parts, '\n', '\n') },
  log: { contentType: 'text/plain', join: (parts: Buffer[]) => joined('', parts, '\n', '\n') },
};

function batchOf(
  source: Source,
  shape: Exclude<Shape, 'document'>,
  { items, end, last }: Pick<Batch, 'items' | 'end' | 'last'>,
): Batch {
  const { contentType, join } = SHAPES[shape];
  const body = join(items.filter(({ problem }) => problem === undefined).map(({ bytes }) => bytes));
  return {
    source,
    items,
    single: false,
    contentType,
    body,
    key: keyOf(source, items[0]?.offset ?? 0, body),
    end,
    last,
  };
}

async function documentBatch(source: Source): Promise<Batch> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of source.read(0)) {
    length += chunk.length;
    if (length <= LONGEST_ITEM) parts.push(chunk);
    else break;
  }
  const bytes = Buffer.concat(parts);
  const tooLong = 'has more than 5 MiB; a log is read line by line with --lines';
  const problem = length > LONGEST_ITEM ? tooLong : bytes.length === 0 ? 'is empty' : undefined;
  return {
    source,
    items: [{ name: source.name, file: source.name, line: 1, offset: 0, bytes, problem }],
    single: true,
    contentType: contentTypeOf(source.name, bytes.toString('utf8', 0, 1024)),
    body: bytes,
    key: keyOf(source, 0, bytes),
    end: { offset: source.size ?? length, line: 1 },
    last: true,
  };
}

/** Stands for a file of which nothing is left to be sent. */
export function finished(source: Source): Batch {
  return batchOf(source, 'log', { items: [], end: { offset: source.size ?? 0, line: 1 }, last: true });
}

/** Stands for a file that cannot be read. */
export function unreadable(name: string, error: unknown): Batch {
  const source: Source = { name, size: undefined, head: Buffer.alloc(0), read: async function* () {} };
  const item = { ...refusal(source, BEGINNING, `cannot be read (${messageOf(error)})`), name };
  return batchOf(source, 'log', { items: [item], end: BEGINNING, last: false });
}

function joined(before: string, parts: Buffer[], between: string, behind: string): Buffer {
  const separator = Buffer.from(between);
  const pieces = parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part]));
  return Buffer.concat([Buffer.from(before), ...pieces, Buffer.from(behind)]);
}

function keyOf({ name, size }: Source, place: number, body: Buffer): string {
  const path = size === undefined ? name : realpathSync(name);
  return `bulk:${shortHash(path)}:${place}:${shortHash(body)}`;
}

const shortHash = (value: string | Buffer): string => createHash('sha256').update(value).digest('hex').slice(0, 32);
