import { isDate, looksLikeHeader, type Plan } from '../columns';
import { cellsOf, rowJoiner, type RawRow } from '../csv-cells';
import { openDates, type DateReader } from '../dates';
import type { Finding, IntelFormat, Part, PartReader, ReadOptions } from '../format';
import { unguardedCell } from '../formula';
import { confidenceText, tagsIn, typedFindings } from '../rows';
import { isComment, linesOfHead } from '../table';
import { isRemark, layoutOf, SAMPLE, type Layout } from '../table-layout';
import { found, problem, textOf, told, type Told } from '../told';
import { readTlp } from '../../tlp';
import { readValue } from '../value';

/** What tables of all that was seen say of what is not bad. */
const BENIGN =
  /^(?:benign|clean|harmless|legitimate|false[ _-]?positive|(?:white|allow)[ _-]?list(?:ed)?|allow(?:ed)?)$/i;
/** What a line of a list of links begins with; a table may have it in quotes. */
const LINK = /^\s*(?:h(?:tt|xx|\*\*)ps?|s?f[tx]ps?)\[?:/i;
/** What is a part of a link rather than a word of a table. */
const REST_OF_LINK = /^[^\s"]*(?:[/?&=%]|\.[a-z\d]{2,4}$)|^[a-z]{1,2}$/;
/** Kinds of malware: `malware/exe`. */
const TWO_WORDS = /^[a-z][\w-]*\/[a-z][\w-]*$/i;
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
    return layout.width > 1 && !areLinks(lines, layout.separator) ? 0.55 : 0;
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

/** True for a list of links in which the separator is a sign like any other. */
function areLinks(lines: readonly string[], separator: string): boolean {
  const rows = lines.filter((line) => !isRemark(line));
  const cut = rows.map((line) => cellsOf(line, separator).cells).filter((cells) => cells.length > 1);
  const broken = cut.filter(([, ...others]) => others.some(isRestOfLink) && !others.some(isCell));
  return rows.every((line) => LINK.test(line)) && broken.length * 2 >= cut.length;
}

function isRestOfLink(text: string): boolean {
  return REST_OF_LINK.test(text) && !TWO_WORDS.test(text) && !isCell(text);
}

function isCell(text: string): boolean {
  return readValue(undefined, text).ok || isDate(text);
}

function csvReader(options: ReadOptions): PartReader {
  let held: Part[] = [];
  let rows = 0;
  let body: PartReader | undefined;

  function begin(): Finding[] {
    body = bodyReader(layoutOf(held, options.columns ?? {}), held, options);
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

function bodyReader(layout: Layout, held: readonly Part[], options: ReadOptions): PartReader {
  const { separator, plan, header, above = 0, missing } = layout;
  if (plan === undefined || plan.values.length === 0) return unreadable(missing);
  const joiner = rowJoiner(separator);
  const names = header?.join('\n');
  const dates = openDates(held.flatMap(({ text }) => cellsOf(text, separator).cells));
  const readRow = (row: RawRow): Finding[] => {
    if (row.line < above) return [problem(row.line, 'unsupported', row.text, 'Stands above the header of the table')];
    return row.cells.join('\n') === names ? [] : rowFindings(row, plan, dates, options);
  };
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

function rowFindings({ cells, line, text }: RawRow, plan: Plan, dates: DateReader, options: ReadOptions): Finding[] {
  const cell = (index: number | undefined): string | undefined =>
    index === undefined ? undefined : textOf(unguardedCell(cells[index] ?? ''));
  const word = cell(plan.type);
  if (plan.tags.some((index) => BENIGN.test(cell(index) ?? ''))) {
    return [problem(line, 'unsupported', text, 'Is said to be benign')];
  }
  const about = aboutRow(cell, plan, dates, options.now);
  const findings = plan.values.flatMap(({ index, type }) => {
    const value = cell(index);
    if (value === undefined) return [];
    if (word !== undefined && type === undefined) return typedFindings(line, word, value, about);
    return valuesIn(value, type ?? options.type).map((each) => found(line, type ?? options.type, each, about));
  });
  return findings.length > 0 ? findings : [problem(line, 'refused', text, 'Has no value')];
}

function aboutRow(
  cell: (index: number | undefined) => string | undefined,
  plan: Plan,
  dates: DateReader,
  now: string,
): Told {
  const label = cell(plan.tlp);
  const tlp = label === undefined ? undefined : (readTlp(label) ?? 'red');
  return told(
    {
      confidence: confidenceText(cell(plan.confidence)),
      first_seen: dates(cell(plan.first_seen)),
      last_seen: dates(cell(plan.last_seen)),
      expires_at: dates(cell(plan.expires_at)),
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
