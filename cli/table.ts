import Table from 'cli-table3';
import { truncate, wrap } from './text';

export interface Column {
  title: string;
  align?: 'left' | 'right';
  /** May be cut when the table is wider than the screen; the widest of these gives first. */
  shrink?: boolean;
  /** Colours a cell after it was fitted. */
  paint?: (text: string) => string;
}

const GAP = 2;
const MIN_SHRUNK = 8;
const NO_BORDER = Object.fromEntries(
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid'
    .split(' ')
    .map((name) => [name, '']),
);

/** A plain table no wider than `width`, one line per row: cells of columns that may shrink are cut, never wrapped. */
export function renderTable(columns: Column[], rows: string[][], width: number): string {
  const widths = fit(columns, rows, width);
  const table = new Table({
    chars: { ...NO_BORDER, middle: ' '.repeat(GAP) },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colAligns: columns.map((column) => column.align ?? 'left'),
    colWidths: widths,
    wordWrap: false,
  });
  table.push(columns.map((column, index) => truncate(column.title, widths[index] ?? 0)));
  table.push(widths.map((columnWidth) => '─'.repeat(columnWidth)));
  for (const row of rows) {
    table.push(columns.map((column, index) => paintCell(column, truncate(row[index] ?? '', widths[index] ?? 0))));
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function paintCell(column: Column, text: string): string {
  return column.paint ? column.paint(text) : text;
}

function fit(columns: Column[], rows: string[][], width: number): number[] {
  const widths = columns.map((column, index) =>
    Math.max([...column.title].length, ...rows.map((row) => [...(row[index] ?? '')].length)),
  );
  let excess = widths.reduce((sum, each) => sum + each + GAP, -GAP) - width;
  while (excess > 0) {
    const widest = widestShrinkable(columns, widths);
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess--;
  }
  return widths;
}

function widestShrinkable(columns: Column[], widths: number[]): number | undefined {
  let found: number | undefined;
  columns.forEach((column, index) => {
    const width = widths[index] ?? 0;
    if (column.shrink && width > MIN_SHRUNK && width > (found === undefined ? 0 : (widths[found] ?? 0))) found = index;
  });
  return found;
}

interface ListOptions {
  width: number;
  /** Default 2. */
  indent?: number;
  paints?: ((text: string) => string)[];
  oneLine?: boolean;
}

/**
 * Aligned columns without a head, the last one wrapped under itself, or with `oneLine` cut: for the sentences of an
 * incident's page. `paints[i]` colours the cells of column i.
 */
export function renderList(
  rows: string[][],
  { width, indent = 2, paints = [], oneLine = false }: ListOptions,
): string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: Math.max(0, count - 1) }, (_, index) =>
    Math.min(40, Math.max(0, ...rows.map((row) => [...(row[index] ?? '')].length))),
  );
  const lead = indent + widths.reduce((sum, each) => sum + each + GAP, 0);
  const rest = Math.max(20, width - lead);
  return rows.flatMap((row) => {
    const cells = widths.map((columnWidth, index) => {
      const text = truncate(row[index] ?? '', columnWidth).padEnd(columnWidth);
      return (paints[index] ?? same)(text) + ' '.repeat(GAP);
    });
    const last = row[count - 1] ?? '';
    const [first = '', ...more] = oneLine ? [truncate(last, rest)] : wrap(last, rest);
    const paint = paints[count - 1] ?? same;
    return [' '.repeat(indent) + cells.join('') + paint(first), ...more.map((text) => ' '.repeat(lead) + paint(text))];
  });
}

function same(text: string): string {
  return text;
}
