import { looksLikeHeader, planAsTold, planByCells, planByHeader, type Plan } from './columns';
import { cellsOf } from './csv-cells';
import type { Part, ReadOptions } from './format';
import { columnName, isComment, withoutComment } from './table';
import { readValue } from './value';

const SEPARATORS = [',', ';', '\t', '|'];
/** What tells a spreadsheet the separator. */
const OF_SPREADSHEET = /^\s*"?sep=.{1,2}\s*$/i;
/** Rows that may stand above a header: the name of a report, its date. */
const MOST_TITLES = 5;
/** Lines that are looked at before anything is read. */
export const SAMPLE = 25;

/** Where things stand in a table. */
export interface Layout {
  separator: string;
  /** Undefined when no column holds values. */
  plan: Plan | undefined;
  /** The row that names the columns, unless that is a comment. */
  header: readonly string[] | undefined;
  /** The line of that row, where others stand above it. */
  above?: number | undefined;
  /** True when the columns have names. */
  isNamed: boolean;
  /** Cells of most rows. */
  width: number;
  /** A column that the caller names and the table has not. */
  missing?: string;
}

type Names = NonNullable<ReadOptions['columns']>;

/** How the table is laid out, by its first lines. */
export function layoutOf(parts: readonly Part[], names: Names): Layout {
  const rows = parts.filter(({ text }) => !isRemark(text)).slice(0, SAMPLE);
  const { separator, width } = separatorOf(rows.map(({ text }) => text));
  const cells = rows.map(({ text }) => cellsOf(text, separator).cells);
  const at = headerIn(cells, names, width);
  const header = cells[at];
  const above = at > 0 ? rows[at]?.line : undefined;
  const named = header ?? commentedHeader(parts, separator, width);
  const sample = cells.slice(at + 1);
  if (Object.keys(names).length > 0)
    return { separator, width, header, above, isNamed: true, ...planFor(names, named, sample) };
  const plan = named && planByHeader(named, sample);
  if (plan) return { separator, width, header, above, isNamed: true, plan };
  return { separator, width, header: undefined, isNamed: false, plan: planByCells(cells) };
}

/** The row that names the columns: the first, or one below the titles of a table; -1 when there is none. */
function headerIn(cells: readonly (readonly string[])[], names: Names, width: number): number {
  const below = cells.findIndex(
    (row, index) => index > 0 && index <= MOST_TITLES && width > 1 && row.length === width && isFullHeader(row, names),
  );
  const isTitled = below > 0 && cells.slice(0, below).every((row) => isTitle(row, filled(cells[below] ?? [])));
  if (isTitled) return below;
  const [first = []] = cells;
  return looksLikeHeader(first) || namesColumn(first, names) ? 0 : -1;
}

function isFullHeader(row: readonly string[], names: Names): boolean {
  return namesColumn(row, names) || (looksLikeHeader(row) && planByHeader(row, []) !== undefined);
}

/** Fewer cells than the header has, and no value beside others; one alone is where the report is to be read. */
function isTitle(row: readonly string[], columns: number): boolean {
  const count = filled(row);
  return count < columns && (count <= 1 || !row.some((cell) => readValue(undefined, cell).ok));
}

function filled(row: readonly string[]): number {
  return row.filter((cell) => cell.trim() !== '').length;
}

/** True for a row that has a column as the caller calls it. */
function namesColumn(cells: readonly string[], names: Names): boolean {
  const asked = Object.values(names).map(columnName);
  return cells.some((cell) => asked.includes(columnName(cell)) && !/^\s*\d*\s*$/.test(cell));
}

function commentedHeader(parts: readonly Part[], separator: string, width: number): readonly string[] | undefined {
  const comments = parts.filter(({ text }) => isComment(text)).map(({ text }) => withoutComment(text));
  const cells = comments.map((text) => cellsOf(text, separator).cells);
  return cells.findLast((names) => width > 1 && names.length === width && looksLikeHeader(names));
}

/** What the caller does not say, the header or the cells do. */
function planFor(
  names: Names,
  header: readonly string[] | undefined,
  sample: readonly (readonly string[])[],
): Pick<Layout, 'plan' | 'missing'> {
  const told = planAsTold(names, header);
  if ('missing' in told) return { plan: undefined, missing: told.missing };
  const found = (header && planByHeader(header, sample)) ?? planByCells(sample);
  if (told.values.length > 0) return { plan: told };
  return { plan: { ...told, values: found?.values ?? [], type: told.type ?? found?.type } };
}

/** The one that parts the most lines into as many cells; of equal ones that which makes more. */
function separatorOf(lines: readonly string[]): { separator: string; width: number } {
  let best = { separator: ',', width: 1, score: 0 };
  for (const separator of SEPARATORS) {
    const widths = new Map<number, number>();
    for (const line of lines) {
      const width = cellsOf(line, separator).cells.length;
      if (width > 1) widths.set(width, (widths.get(width) ?? 0) + 1);
    }
    for (const [width, count] of widths) {
      const score = count * 1000 + width;
      if (count * 2 >= lines.length && score > best.score) best = { separator, width, score };
    }
  }
  return best;
}

/** True for a line that is no row of a table. */
export function isRemark(line: string): boolean {
  return isComment(line) || OF_SPREADSHEET.test(line);
}
