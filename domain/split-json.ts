/*
 * The items of the arrays that make a JSON document large, cut out of the stream without the document around them.
 */
import {
  BYTE_ORDER_MARK,
  endOfFilled,
  isBlank,
  splitter,
  type Place,
  type Splitter,
  type SplitOptions,
} from './split-bytes';

const [NEWLINE, QUOTE, BACKSLASH, COMMA, COLON] = [...Buffer.from('\n"\\,:')];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [...Buffer.from('[]{}')];

/** Stands for any name of digits, such as the ids of a dump. */
export const ANY_NUMBER = '#';

/** Looked at for every byte, where an imported name is too slow. */
const MARK_LENGTH = BYTE_ORDER_MARK.length;

/** Longer names lead to no array that is asked for. */
const LONGEST_NAME = 64;

export interface ItemOptions extends Pick<SplitOptions, 'longest'> {
  /**
   * Arrays whose items are pieces, by the names that lead to them from the top: `objects`, `response.Attribute`, `#` for
   * those at the top whose names are numbers.
   */
  arrays?: readonly string[];
}

/**
 * Each item of an array at the top, and of the arrays that are asked for; of values at the top that have no such array,
 * each value. What stands around such an array is no piece. Several documents may follow each other.
 */
export function itemSplitter({ arrays = [], longest = Infinity }: ItemOptions = {}): Splitter {
  const scan = itemScanner(arrays);
  return splitter(
    {
      place: scan.place,
      begins: (byte) => !isBlank(byte),
      cut: (bytes) => (endOfFilled(bytes) === 0 ? undefined : bytes.subarray(0, endOfFilled(bytes))),
      unfinished: scan.unfinished,
      path: scan.path,
    },
    { longest },
  );
}

/**
 * `between`: before a value at the top. `value`: in one. `around`: in an object of which an array was taken. `items`: in
 * an array whose items are pieces.
 */
type Where = 'between' | 'value' | 'around' | 'items';

function itemScanner(arrays: readonly string[]): {
  place: (byte: number | undefined) => Place;
  unfinished: () => boolean;
  path: () => readonly string[];
} {
  const deepest = Math.max(0, ...arrays.map((each) => each.split('.').length));
  const ofNumbers = arrays.includes(ANY_NUMBER);
  let where: Where = 'between';
  let depth = 0;
  /** Depth of the array whose items are read. */
  let listDepth = 0;
  let path: readonly string[] = [];
  let quoted = false;
  let escaped = false;
  let marks = 0;
  /** The name before the value, for each depth that may lead to an array. */
  const names: string[] = [];
  /** Bytes of the last string that began; it is a name if a colon follows. */
  let string: number[] = [];

  const kept = (): Place => (where === 'around' ? 'outside' : 'inside');

  function inString(byte: number | undefined): Place {
    if (escaped) escaped = false;
    else if (byte === BACKSLASH) escaped = true;
    else if (byte === QUOTE) quoted = false;
    if (quoted && where !== 'items' && depth <= deepest && string.length <= LONGEST_NAME) string.push(byte ?? 0);
    return kept();
  }

  function inItems(byte: number | undefined): Place {
    if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth += 1;
    else if (depth === listDepth) {
      if (byte === CLOSE_LIST) return leaveItems();
      // a bracket too many belongs to its item, which is invalid then
      return byte === COMMA ? 'outside' : 'inside';
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
    return 'inside';
  }

  function leaveItems(): Place {
    depth -= 1;
    where = depth === 0 ? 'between' : 'around';
    path = [];
    return 'outside';
  }

  function enterItems(names: readonly string[]): Place {
    depth += 1;
    listDepth = depth;
    path = names;
    where = 'items';
    return 'drop';
  }

  function between(byte: number | undefined): Place {
    if (byte === OPEN_LIST) return enterItems([]);
    if (byte === COMMA || isBlank(byte)) return 'outside';
    where = 'value';
    if (byte === OPEN_OBJECT) depth += 1;
    return 'inside';
  }

  function inValue(byte: number | undefined): Place {
    if (depth === 0) return inScalar(byte);
    if (byte === COLON) {
      if (depth <= deepest) names[depth - 1] = Buffer.from(string).toString();
    } else if (byte === OPEN_LIST && isWanted()) return enterItems(names.slice(0, depth));
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth += 1;
      // what lies in an array has no name of its own
      if (depth <= deepest) names[depth - 1] = '';
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) return leaveValue();
    return kept();
  }

  function isWanted(): boolean {
    if (depth > deepest) return false;
    const way = names.slice(0, depth).join('.');
    return arrays.includes(way) || (ofNumbers && /^\d+$/.test(way));
  }

  function leaveValue(): Place {
    depth -= 1;
    if (depth > 0) return kept();
    const last: Place = where === 'around' ? 'outside' : 'last';
    where = 'between';
    return last;
  }

  /** What is no array and no object ends with its line. */
  function inScalar(byte: number | undefined): Place {
    if (byte !== NEWLINE) return 'inside';
    where = 'between';
    return 'outside';
  }

  function place(byte: number | undefined): Place {
    if (marks < MARK_LENGTH) {
      if (byte === BYTE_ORDER_MARK[marks] && ++marks > 0) return 'outside';
      marks = MARK_LENGTH;
    }
    if (quoted) return inString(byte);
    if (byte === QUOTE && (where !== 'value' || depth > 0) && where !== 'between') {
      quoted = true;
      string = [];
      return kept();
    }
    if (where === 'items') return inItems(byte);
    return where === 'between' ? between(byte) : inValue(byte);
  }

  return { place, unfinished: () => quoted || depth > 0, path: () => path };
}
