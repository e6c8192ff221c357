/*
 * Documents taken apart by bytes: what is decoded and encoded again may come out as another text (bytes that are not
 * UTF-8, numbers beyond a double). In UTF-8 no byte of a longer character is equal to one of the signs looked for here.
 * The pieces may be cut out of a stream: never more than one of them is held.
 */

const [TAB, NEWLINE, RETURN, SPACE, QUOTE, BACKSLASH, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [
  ...Buffer.from('\t\n\r "\\,[]{}'),
];

export const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** One item, without the white space around it, or one line, without its end. */
export interface Piece {
  /** Its bytes; empty when it is too long to be held. */
  bytes: Buffer;
  tooLong: boolean;
  /** Where it begins in the document, in bytes. */
  offset: number;
  /** Where it ends; splitting can go on from here, see {@link Position}. */
  end: number;
  /** Line it begins on, from 1. */
  line: number;
  /** Line it ends on. */
  endLine: number;
  /** Names that lead to the array it stood in, where the splitter tells them. */
  path?: readonly string[];
}

/** A place between two pieces of a document. */
export interface Position {
  offset: number;
  line: number;
}

export interface SplitOptions {
  /** Of one piece, in bytes; default: none is too long. */
  longest?: number;
  /** Where the first chunk begins: the end of a piece that an earlier splitter found; default: the beginning. */
  from?: Position;
}

export interface Splitter {
  /** The pieces that end in this chunk, in order. */
  push(chunk: Buffer): Piece[];
  /** No more chunks: the piece that ends with the document. */
  end(): Piece[];
  /** True when the document stopped in the midst of an array, an object or a string. */
  readonly unfinished: boolean;
}

/** Each line that is not empty. */
export function lineSplitter(options: SplitOptions = {}): Splitter {
  return splitter(
    {
      place: (byte) => (byte === NEWLINE ? 'outside' : 'inside'),
      begins: () => true,
      cut: (bytes) => (endOfFilled(bytes) === 0 ? undefined : withoutReturn(bytes)),
      unfinished: () => false,
    },
    options,
  );
}

/** Each item of a JSON array; also of several arrays one after the other. */
export function arraySplitter(options: SplitOptions = {}): Splitter {
  return jsonSplitter(1, options);
}

/** Each of the JSON values that stand one after the other, over as many lines as they like. */
export function valueSplitter(options: SplitOptions = {}): Splitter {
  return jsonSplitter(0, options);
}

/** All pieces of a document that is in memory. */
export function split(document: Buffer, into: Splitter): Piece[] {
  return [...into.push(document), ...into.end()];
}

/** `last`: belongs to the piece and ends it. `drop`: there is no piece, also none of what came before. */
export type Place = 'inside' | 'outside' | 'last' | 'drop';

export interface Rules {
  /** Called with every byte in turn. */
  place(byte: number | undefined): Place;
  /** Whether a piece may begin with this byte. */
  begins(byte: number | undefined): boolean;
  /** The piece without what belongs to its end; undefined when nothing is left. */
  cut(bytes: Buffer): Buffer | undefined;
  unfinished(): boolean;
  /** Of the piece that begins. */
  path?(): readonly string[];
}

/** @param level how deep the pieces lie: 1 in an array, 0 where values follow each other */
function jsonSplitter(level: 0 | 1, options: SplitOptions): Splitter {
  let depth: number = options.from ? level : 0;
  let quoted = false;
  let escaped = false;
  let marks = options.from ? BYTE_ORDER_MARK.length : 0;

  function inString(byte: number | undefined): Place {
    if (escaped) escaped = false;
    else if (byte === BACKSLASH) escaped = true;
    else if (byte === QUOTE) quoted = false;
    return 'inside';
  }

  /** Brackets and commas of the list itself are no part of its items. */
  function ofList(byte: number | undefined): boolean {
    if (level === 0) return false;
    if (depth === 0) return byte === OPEN_LIST && ++depth === 1;
    if (depth > 1 || (byte !== COMMA && byte !== CLOSE_LIST)) return false;
    if (byte === CLOSE_LIST) depth = 0;
    return true;
  }

  function place(byte: number | undefined): Place {
    if (byte === BYTE_ORDER_MARK[marks] && ++marks > 0) return 'outside';
    marks = BYTE_ORDER_MARK.length;
    if (quoted) return inString(byte);
    if (isBlank(byte)) return depth === 0 ? 'outside' : 'inside';
    if (ofList(byte)) return 'outside';
    if (byte === QUOTE) quoted = true;
    if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth += 1;
    if (byte !== CLOSE_LIST && byte !== CLOSE_OBJECT) return 'inside';
    depth = Math.max(0, depth - 1);
    return depth === 0 ? 'last' : 'inside';
  }

  return splitter(
    {
      place,
      begins: (byte) => !isBlank(byte),
      cut: (bytes) => bytes.subarray(0, endOfFilled(bytes)),
      unfinished: () => quoted || depth > 0,
    },
    options,
  );
}

export function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === NEWLINE || byte === TAB || byte === RETURN;
}

interface Begun extends Pick<Piece, 'offset' | 'line' | 'path'> {
  parts: Buffer[];
  length: number;
}

/** The pieces by any rules. */
export function splitter(rules: Rules, { longest = Infinity, from }: SplitOptions): Splitter {
  let { offset, line } = from ?? { offset: 0, line: 1 };
  let piece: Begun | undefined;

  function keep(bytes: Buffer): void {
    if (!piece) return;
    piece.length += bytes.length;
    if (piece.length <= longest) piece.parts.push(bytes);
    else piece.parts = [];
  }

  function finish(): Piece[] {
    if (!piece) return [];
    const { parts, length, ...begin } = piece;
    piece = undefined;
    const tooLong = length > longest;
    const [only = NOTHING, ...more] = parts;
    const bytes = tooLong ? NOTHING : rules.cut(more.length === 0 ? only : Buffer.concat(parts));
    return bytes ? [{ bytes, tooLong, ...begin, end: begin.offset + length, endLine: line }] : [];
  }

  return {
    push(chunk) {
      const found: Piece[] = [];
      let start = 0;
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at];
        const place = rules.place(byte);
        if (!piece && (place === 'inside' || place === 'last') && rules.begins(byte)) {
          piece = { parts: [], length: 0, offset: offset + at, line };
          if (rules.path) piece.path = rules.path();
          start = at;
        }
        if (place === 'drop') piece = undefined;
        else if (piece && place !== 'inside') {
          keep(chunk.subarray(start, place === 'last' ? at + 1 : at));
          found.push(...finish());
        }
        if (byte === NEWLINE) line += 1;
      }
      if (piece) keep(chunk.subarray(start));
      offset += chunk.length;
      return found;
    },
    end: finish,
    get unfinished() {
      return rules.unfinished();
    },
  };
}

const NOTHING = Buffer.alloc(0);

/** Where the white space at the end begins. */
export function endOfFilled(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && isBlank(bytes[end - 1])) end--;
  return end;
}

function withoutReturn(bytes: Buffer): Buffer {
  return bytes[bytes.length - 1] === RETURN ? bytes.subarray(0, -1) : bytes;
}
