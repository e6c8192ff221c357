import { lineSplitter, split, type Piece, type Splitter } from '../split-bytes';
import { itemSplitter } from '../split-json';
import type { IntelFormat } from './format';
import { isJsonLines } from './json-head';

/** Of a line of text. No source of indicators has longer ones. */
const LONGEST_LINE = 64 * 1024;
/** Of a value that is read as a whole, such as a MISP event. */
const LONGEST_VALUE = 32 * 1024 * 1024;

/** What a stream is taken apart into, and what is too long to be one. */
export interface Cutter {
  push(bytes: Buffer): Piece[];
  end(): Piece[];
  /** True when the stream stopped in the midst of a value. */
  readonly unfinished: boolean;
  /** Of one piece, in a sentence. */
  readonly tooLong: string;
}

/** @param head the beginning of the stream, which tells lines of JSON from a document over many lines */
export function cutterFor({ cut, arrays = [] }: Pick<IntelFormat, 'cut' | 'arrays'>, head: string): Cutter {
  if (cut === 'lines') return cutter(lineSplitter({ longest: LONGEST_LINE }), 'Is a line longer than 64 KiB');
  const tooLong = 'Is a value longer than 32 MiB';
  if (!isJsonLines(head)) return cutter(itemSplitter({ arrays, longest: LONGEST_VALUE }), tooLong);
  return cutter(lineSplitter({ longest: LONGEST_VALUE }), tooLong, (line) => itemsOf(line, arrays));
}

function cutter(splitter: Splitter, tooLong: string, take?: (piece: Piece) => Piece[]): Cutter {
  const taken = (pieces: Piece[]): Piece[] => (take ? pieces.flatMap(take) : pieces);
  return {
    push: (bytes) => taken(splitter.push(bytes)),
    end: () => taken(splitter.end()),
    get unfinished() {
      return splitter.unfinished;
    },
    tooLong,
  };
}

/** A line may be a document with an array of its own; one that is broken stays whole, so that it is shown as it is. */
function itemsOf(line: Piece, arrays: readonly string[]): Piece[] {
  if (line.tooLong || arrays.length === 0) return [line];
  const splitter = itemSplitter({ arrays });
  const items = split(line.bytes, splitter);
  return splitter.unfinished ? [line] : items.map((item) => ({ ...item, line: line.line, endLine: line.endLine }));
}
