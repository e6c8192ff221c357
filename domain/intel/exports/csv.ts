import { guardedCell } from '../formula';
import type { ExportedIoc, IocExport } from './export';

/** Each column with how it is filled; the names are those that an import of CSV knows. */
const COLUMNS: readonly (readonly [string, (ioc: ExportedIoc) => string])[] = [
  ['type', ({ type }) => type],
  ['value', ({ value }) => value],
  ['confidence', ({ base_confidence }) => String(base_confidence)],
  ['confidence_today', ({ standing }) => String(Math.round(standing.confidence))],
  ['state', ({ standing }) => standing.state],
  ['first_seen', ({ first_seen }) => first_seen],
  ['last_seen', ({ last_seen }) => last_seen],
  ['expires_at', ({ expires_at }) => expires_at ?? ''],
  ['sources', ({ sources }) => listed(sources)],
  ['tlp', ({ tlp }) => tlp ?? ''],
  ['tags', ({ tags }) => listed(tags)],
  ['reference', ({ reference }) => reference ?? ''],
  ['flags', ({ flags }) => listed(flags)],
];

/** Several in a cell stand between commas; what an import parts words at is a blank inside of them. */
function listed(items: readonly string[]): string {
  return items.map((item) => item.replace(/[,;|]/g, ' ')).join(',');
}

function cell(text: string): string {
  const guarded = guardedCell(text);
  return /[",\r\n]|^\s|\s$/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

function row(cells: readonly string[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

/** CSV as RFC 4180 has it, with a header; no cell is run by a spreadsheet. An import reads the confidence, people that of today. */
export function csvExport(): IocExport {
  return {
    mediaType: 'text/csv; charset=utf-8',
    extension: 'csv',
    begin: () => row(COLUMNS.map(([name]) => name)),
    entry: (ioc) => row(COLUMNS.map(([, fill]) => fill(ioc))),
    end: () => '',
  };
}
