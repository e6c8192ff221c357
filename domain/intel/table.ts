import { rowJoiner, type RawRow } from './csv-cells';
import type { Finding, IntelFormat, PartReader, ReadOptions } from './format';
import { problem, textOf } from './told';

/** A row of a table whose columns are known. */
export interface Row {
  line: number;
  /** As it was written. */
  text: string;
  /** What stands in a column; undefined where it is missing, empty or says `None`. Names are as {@link columnName} has them. */
  cell: (name: string) => string | undefined;
}

/** A format that is a table with columns of known names, in any order. */
export interface TableFormat {
  name: string;
  title: string;
  /** Default: the comma. */
  separator?: string;
  /** Columns that its header has, among others; the header may be a comment. */
  header: readonly string[];
  /** For tables that may come without a header: all columns, and whether a row is one of it. */
  bare?: { columns: readonly string[]; fits: (cells: readonly string[]) => boolean };
  read: (row: Row, options: ReadOptions) => Finding[];
}

/** `"First_Seen (UTC)"` → `first_seen_utc`. */
export function columnName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
}

/** How far into a file a header is looked for, in lines. */
const HEADER_WITHIN = 100;
const COMMENT = /^\s*#+/;

export function isComment(line: string): boolean {
  return COMMENT.test(line);
}

export function withoutComment(line: string): string {
  return line.replace(COMMENT, '');
}

/** Lines of the head of a file, without the last one where the head may have cut it. */
export function linesOfHead(head: string): string[] {
  const lines = head.split(/\r?\n/);
  return (head.length < 60_000 ? lines : lines.slice(0, -1)).filter((line) => line.trim() !== '');
}

export function tableFormat(format: TableFormat): IntelFormat {
  const { name, title, separator = ',', header, bare } = format;

  const likely = new RegExp((header[0] ?? '').replaceAll('_', '.?'), 'i');

  function columnsIn(cells: readonly string[]): ReadonlyMap<string, number> | undefined {
    if (!cells.some((cell) => likely.test(cell))) return undefined;
    const columns = new Map(cells.map((cell, index) => [columnName(cell), index]));
    return header.every((each) => columns.has(each)) ? columns : undefined;
  }

  const cellsIn = (line: string): string[] =>
    rowJoiner(separator).push({ text: line, line: 1, path: [] })[0]?.cells ?? [];

  return {
    name,
    title,
    cut: 'lines',
    recognises(head) {
      const lines = linesOfHead(head).slice(0, HEADER_WITHIN);
      if (lines.some((line) => columnsIn(cellsIn(withoutComment(line))))) return 1;
      const rows = lines.filter((line) => !isComment(line)).slice(0, 20);
      return bare && rows.length > 0 && rows.every((row) => bare.fits(cellsIn(row))) ? 0.9 : 0;
    },
    open: (options) => tableReader({ ...format, separator }, columnsIn, options),
  };
}

function tableReader(
  { title, separator, bare, read }: TableFormat & { separator: string },
  columnsIn: (cells: readonly string[]) => ReadonlyMap<string, number> | undefined,
  options: ReadOptions,
): PartReader {
  const joiner = rowJoiner(separator);
  const implied = bare && new Map(bare.columns.map((column, index) => [column, index]));
  let columns: ReadonlyMap<string, number> | undefined;

  function readRow(raw: RawRow): Finding[] {
    const header = columnsIn(raw.cells);
    if (header) {
      columns = header;
      return [];
    }
    const known = columns ?? (bare?.fits(raw.cells) === true ? implied : undefined);
    if (known === undefined) return [problem(raw.line, 'refused', raw.text, `Is no row of ${title}`)];
    return read(rowWith(known, raw), options);
  }

  return {
    read(part) {
      if (joiner.open || !isComment(part.text)) return joiner.push(part).flatMap(readRow);
      const [row] = rowJoiner(separator).push({ ...part, text: withoutComment(part.text) });
      columns = (row && columnsIn(row.cells)) ?? columns;
      return [];
    },
    end: () => joiner.end().flatMap(readRow),
  };
}

export function rowWith(columns: ReadonlyMap<string, number>, { cells, line, text }: RawRow): Row {
  return { line, text, cell: (name) => textOf(cells[columns.get(name) ?? -1]) };
}
