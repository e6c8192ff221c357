import type { Part } from './format';

export interface Cells {
  cells: string[];
  /** True when a quotation is still open at the end. */
  open: boolean;
}

/** The cells of a line; quotes count only where a cell begins, and blanks before them do not. Runs in linear time. */
export function cellsOf(line: string, separator: string): Cells {
  if (!line.includes('"')) return { cells: line.split(separator), open: false };
  const cells: string[] = [];
  for (let at = 0; ;) {
    const quote = beginsQuoted(line, at);
    const end = quote < 0 ? at : closingQuote(line, quote);
    if (end < 0) return { cells: [...cells, unquoted(line.slice(quote + 1))], open: true };
    const next = line.indexOf(separator, end);
    const behind = line.slice(end, next < 0 ? undefined : next);
    cells.push(quote < 0 ? behind : unquoted(line.slice(quote + 1, end - 1)) + behind.trimEnd());
    if (next < 0) return { cells, open: false };
    at = next + separator.length;
  }
}

function beginsQuoted(line: string, from: number): number {
  let at = from;
  while (line[at] === ' ') at++;
  return line[at] === '"' ? at : -1;
}

/** Behind the quote that ends the quotation; two are one of its text. */
function closingQuote(line: string, quote: number): number {
  for (let at = line.indexOf('"', quote + 1); at >= 0; at = line.indexOf('"', at + 2)) {
    if (line[at + 1] !== '"') return at + 1;
  }
  return -1;
}

function unquoted(text: string): string {
  return text.replaceAll('""', '"');
}

/** A row of a table, which may stand on several lines. */
export interface RawRow {
  cells: string[];
  /** As it was written. */
  text: string;
  /** It begins on. */
  line: number;
}

/** What a quotation may run over; more is a quote that somebody forgot, and its line is read by itself. */
const MOST_LINES = 100;
const MOST_CHARACTERS = 64 * 1024;

/** Puts lines together that a quotation runs over. */
export interface RowJoiner {
  /** True within a quotation: a comment is none there. */
  readonly open: boolean;
  push(part: Part): RawRow[];
  end(): RawRow[];
}

export function rowJoiner(separator: string): RowJoiner {
  let held: Part[] = [];
  let length = 0;

  const rowOf = ({ text, line }: Part): RawRow => ({ cells: cellsOf(text, separator).cells, text, line });

  function release(): RawRow[] {
    const [first, ...others] = held;
    held = [];
    return first === undefined ? [] : [rowOf(first), ...others.flatMap(push)];
  }

  function push(part: Part): RawRow[] {
    if (held.length > 0) return goOn(part);
    const { cells, open } = cellsOf(part.text, separator);
    if (!open) return [{ cells, text: part.text, line: part.line }];
    held = [part];
    length = part.text.length;
    return [];
  }

  function goOn(part: Part): RawRow[] {
    held.push(part);
    length += part.text.length;
    if (part.text.includes('"')) {
      const text = held.map((each) => each.text).join('\n');
      const { cells, open } = cellsOf(text, separator);
      if (!open) {
        const { line } = held[0] ?? part;
        held = [];
        return [{ cells, text, line }];
      }
    }
    return held.length > MOST_LINES || length > MOST_CHARACTERS ? release() : [];
  }

  return {
    get open() {
      return held.length > 0;
    },
    push,
    end() {
      const rows: RawRow[] = [];
      while (held.length > 0) rows.push(...release());
      return rows;
    },
  };
}
