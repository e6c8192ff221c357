import { looksLikeHeader, planAsTold, planByCells, planByHeader, type Plan } from '../columns';
import { cellsOf, rowJoiner, type RawRow } from '../csv-cells';
import { dateText } from '../dates';
import type { Finding, IntelFormat, Part, PartReader, ReadOptions } from '../format';
import { unguardedCell } from '../formula';
import { confidenceText, tagsIn, typedFindings } from '../rows';
import { columnName, isComment, linesOfHead, withoutComment } from '../table';
import { found, problem, textOf, told, type Told } from '../told';
import { readTlp } from '../../tlp';
import { readValue } from '../value';

const SEPARATORS = [',', ';', '\t', '|'];
/** What tells a spreadsheet the separator. */
const OF_SPREADSHEET = /^\s*"?sep=.{1,2}\s*$/i;
/** What tables of all that was seen say of what is not bad. */
const BENIGN =
  /^(?:benign|clean|harmless|legitimate|false[ _-]?positive|(?:white|allow)[ _-]?list(?:ed)?|allow(?:ed)?)$/i;
/** Lines that are looked at before anything is read. */
const SAMPLE = 25;

/** Any table, with a header or without one; its columns by their usual names, as the caller names them, or by their cells. */
export const csv: IntelFormat = {
  name: 'csv',
  title: 'CSV',
  cut: 'lines',
  recognises(head, value) {
    if (value !== undefined) return 0;
    const lines = linesOfHead(head).slice(0, 200);
    const layout = layoutOf(
      lines.map((text, index) => ({ text, line: index + 1, path: [] })),
      {},
    );
    if (layout.plan === undefined) return 0;
    if (layout.isNamed) return isHeading(layout, lines) ? 0 : 0.7;
    return layout.width > 1 ? 0.55 : 0;
  },
  open: csvReader,
};

/** One word above values of all kinds makes no table of them. */
function isHeading({ width, header, plan }: Layout, lines: readonly string[]): boolean {
  if (width > 1 || header === undefined) return false;
  const [type] = plan?.values.map((column) => column.type) ?? [];
  const values = lines.filter((line) => !isRemark(line)).slice(1);
  const good = values.filter((text) => readValue(type, text).ok || !readValue(undefined, text).ok).length;
  return /:\s*$/.test(header.join('')) || values.some((text) => looksLikeHeader([text])) || good < 0.5 * values.length;
}

function isRemark(line: string): boolean {
  return isComment(line) || OF_SPREADSHEET.test(line);
}

interface Layout {
  separator: string;
  /** Undefined when no column holds values. */
  plan: Plan | undefined;
  /** The row that names the columns, unless that is a comment. */
  header: readonly string[] | undefined;
  /** True when the columns have names. */
  isNamed: boolean;
  /** Cells of most rows. */
  width: number;
  /** A column that the caller names and the table has not. */
  missing?: string;
}

type Names = NonNullable<ReadOptions['columns']>;

/** How the table is laid out, by its first lines. */
function layoutOf(parts: readonly Part[], names: Names): Layout {
  const rows = parts.filter(({ text }) => !isRemark(text)).slice(0, SAMPLE);
  const { separator, width } = separatorOf(rows.map(({ text }) => text));
  const cells = rows.map(({ text }) => cellsOf(text, separator).cells);
  const [first = []] = cells;
  const header = looksLikeHeader(first) || namesColumn(first, names) ? first : undefined;
  const named = header ?? commentedHeader(parts, separator, width);
  const sample = header ? cells.slice(1) : cells;
  if (Object.keys(names).length > 0)
    return { separator, width, header, isNamed: true, ...planFor(names, named, sample) };
  const plan = named && planByHeader(named, sample);
  if (plan) return { separator, width, header, isNamed: true, plan };
  return { separator, width, header: undefined, isNamed: false, plan: planByCells(cells) };
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

function csvReader(options: ReadOptions): PartReader {
  let held: Part[] = [];
  let rows = 0;
  let body: PartReader | undefined;

  function begin(): Finding[] {
    body = bodyReader(layoutOf(held, options.columns ?? {}), options);
    const parts = held;
    held = [];
    return parts.flatMap((part) => body?.read(part) ?? []);
  }

  return {
    read(part) {
      if (body) return body.read(part);
      held.push(part);
      if (!isComment(part.text)) rows += 1;
      return rows > SAMPLE || held.length > 1000 ? begin() : [];
    },
    end() {
      const findings = body ? [] : begin();
      return [...findings, ...(body?.end?.() ?? [])];
    },
  };
}

function bodyReader({ separator, plan, header, missing }: Layout, options: ReadOptions): PartReader {
  if (plan === undefined || plan.values.length === 0) return unreadable(missing);
  const joiner = rowJoiner(separator);
  const names = header?.join('\n');
  const readRow = (row: RawRow): Finding[] => (row.cells.join('\n') === names ? [] : rowFindings(row, plan, options));
  return {
    read: (part) => (joiner.open || !isRemark(part.text) ? joiner.push(part).flatMap(readRow) : []),
    end: () => joiner.end().flatMap(readRow),
  };
}

/** Says so once, at the first row. */
function unreadable(missing: string | undefined): PartReader {
  const reason = missing === undefined ? 'Has no column with values' : `Has no column "${missing.slice(0, 100)}"`;
  let said = false;
  return {
    read({ text, line }) {
      if (said || isComment(text)) return [];
      said = true;
      return [problem(line, 'refused', text, reason)];
    },
  };
}

function rowFindings({ cells, line, text }: RawRow, plan: Plan, options: ReadOptions): Finding[] {
  const cell = (index: number | undefined): string | undefined =>
    index === undefined ? undefined : textOf(unguardedCell(cells[index] ?? ''));
  const word = cell(plan.type);
  if (plan.tags.some((index) => BENIGN.test(cell(index) ?? ''))) {
    return [problem(line, 'unsupported', text, 'Is said to be benign')];
  }
  const about = aboutRow(cell, plan, options.now);
  const findings = plan.values.flatMap(({ index, type }) => {
    const value = cell(index);
    if (value === undefined) return [];
    if (word !== undefined && type === undefined) return typedFindings(line, word, value, about);
    return valuesIn(value, type ?? options.type).map((each) => found(line, type ?? options.type, each, about));
  });
  return findings.length > 0 ? findings : [problem(line, 'refused', text, 'Has no value')];
}

function aboutRow(cell: (index: number | undefined) => string | undefined, plan: Plan, now: string): Told {
  const label = cell(plan.tlp);
  const tlp = label === undefined ? undefined : (readTlp(label) ?? 'red');
  return told(
    {
      confidence: confidenceText(cell(plan.confidence)),
      first_seen: dateText(cell(plan.first_seen)),
      last_seen: dateText(cell(plan.last_seen)),
      expires_at: dateText(cell(plan.expires_at)),
      tags: [...plan.tags.flatMap((index) => tagsIn(cell(index))), ...(tlp === undefined ? [] : [`tlp:${tlp}`])],
      reference: cell(plan.reference),
    },
    now,
  );
}

/** A cell may hold several. */
function valuesIn(text: string, type: Parameters<typeof readValue>[0]): string[] {
  if (!/[\s,;|]/.test(text) || readValue(type, text).ok) return [text];
  const parts = text.split(/[\s,;|]+/).filter((part) => part !== '');
  return parts.every((part) => readValue(type, part).ok) ? parts : [text];
}
