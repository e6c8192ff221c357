import { dateText } from './dates';
import type { Column, ReadOptions } from './format';
import type { IocType } from './indicator';
import { columnName } from './table';
import { textOf, timeOf } from './told';
import { typeNamed } from './type-names';
import { readValue } from './value';

/** Names of columns as people and tools write them, for each part of an indicator. */
const NAMES: Readonly<Record<Exclude<Column, 'tags'> | 'tags', RegExp>> = {
  value:
    /^(?:ioc|indicator|observable|artifact)s?(?:_value|_data)?$|^(?:value|data|hash|hashes|file_?hash|entity|content|pattern_value|(?:ioc|raw)_value)$/,
  type: /^(?:ioc|indicator|data|entity|observable|artifact|value|hash)?_?type$|^(?:type_of_(?:ioc|indicator)|kind)$/,
  confidence:
    /^(?:(?:abuse|malicious|ioc|indicator|threat)_)?(?:confidence|certainty)(?:_(?:level|score|rating))?$|^(?:risk_|threat_|ioc_)?score$/,
  first_seen:
    /^(?:date_?)?first_?seen(?:_(?:at|utc|date|time))?$|^(?:date|time|timestamp|datetime|day|date_?added|added|added_at|created|created_at|creation_date|date_created|published|publish(?:ed)?_date|listing_?date|reported|valid_from|detected|submission_time)(?:_utc)?$/,
  last_seen:
    /^(?:date_?)?last_?(?:seen|online|observed|active|reported|updated)(?:_(?:at|utc|date|time))?$|^(?:updated|updated_at|modified|modified_at|last_?modified)$/,
  expires_at: /^(?:expir(?:es|y|ation)|expir(?:es|y|ation)_?(?:at|on|date|time)|valid_until|valid_to|end_date)$/,
  tlp: /^(?:tlp|traffic_light(?:_protocol)?|sharing|tlp_(?:level|label|marking))$/,
  tags: /^(?:tags?|labels?|keywords?|malware(?:_(?:family|name|printable|alias))?|family|threat(?:_(?:type|name|actor))?|signature|campaign|actor|classification|verdict|action)$/,
  reference:
    /^(?:references?|refs?|link|permalink|report|report_url|source_url|reference_url|url_reference|more_info|tweet|external_link|information)$/,
};

/** One row may name several values, each in a column of its own. */
interface ValueColumn {
  index: number;
  /** Undefined where a word in the row says it, or nobody. */
  type: IocType | undefined;
}

/** Where the parts of an indicator stand in a row, from 0. */
export interface Plan extends Partial<Record<Exclude<Column, 'value' | 'tags'>, number | undefined>> {
  values: ValueColumn[];
  tags: number[];
}

type Rows = readonly (readonly string[])[];

/** `IndicatorValue` → `indicator_value`. */
function nameIn(cell: string): string {
  return columnName(cell.replace(/([a-z])(?=[A-Z][a-z])/g, '$1_'));
}

/** Columns by their header; undefined when no column of it holds values, so that it is none. */
export function planByHeader(header: readonly string[], sample: Rows): Plan | undefined {
  const names = header.map(nameIn);
  const candidates = names.flatMap((name, index): ValueColumn[] => {
    const type = typeNamed(name);
    if (NAMES.value.test(name)) return [{ index, type: undefined }];
    return type === undefined || type === 'unsupported' ? [] : [{ index, type }];
  });
  if (candidates.length === 0) return undefined;
  const type = typeColumn(names, sample);
  const others = candidates.filter(({ index }) => index !== type);
  const readable = others.filter((column) => share(sample, column.index, (text) => reads(column.type, text)) > 0);
  const usable = readable.length > 0 ? readable : others;
  const general = usable.filter((column) => column.type === undefined);
  return { ...partsOf(names), type, values: general.length > 0 ? general : usable };
}

/** All but values and types: the first column of each name, and every one with tags. */
function partsOf(names: readonly string[]): Omit<Plan, 'values' | 'type'> {
  const at = (part: Column): number | undefined => {
    const index = names.findIndex((name) => NAMES[part].test(name));
    return index < 0 ? undefined : index;
  };
  const single = ['confidence', 'first_seen', 'last_seen', 'expires_at', 'tlp', 'reference'] as const;
  return {
    ...Object.fromEntries(single.map((part) => [part, at(part)])),
    tags: names.flatMap((name, index) => (NAMES.tags.test(name) ? [index] : [])),
  };
}

/** By its name; else the column of words that are types, such as `indicator` beside `data`. */
function typeColumn(names: readonly string[], sample: Rows): number | undefined {
  const named = names.findIndex((name) => NAMES.type.test(name));
  if (named >= 0) return named;
  const words = names.findIndex((_, index) => share(sample, index, isTypeWord) >= 0.8);
  return words < 0 ? undefined : words;
}

function isTypeWord(text: string): boolean {
  return text.length < 40 && typeNamed(text) !== undefined;
}

function reads(type: IocType | undefined, text: string): boolean {
  return readValue(type, text).ok;
}

/** Of the cells that are filled, how many are such. */
function share(rows: Rows, index: number, is: (text: string) => boolean): number {
  const cells = rows.map((row) => textOf(row[index])).filter((text) => text !== undefined);
  return cells.length === 0 ? 0 : cells.filter(is).length / cells.length;
}

/** Columns by what stands in them, for a table without a header; undefined when none holds values. */
export function planByCells(sample: Rows): Plan | undefined {
  const width = Math.max(0, ...sample.map((row) => row.length));
  const columns = Array.from({ length: width }, (_, index) => index);
  const words = columns.find((index) => share(sample, index, isTypeWord) >= 0.8);
  const shares = columns.map((index) => (index === words ? 0 : share(sample, index, (text) => reads(undefined, text))));
  const best = Math.max(0, ...shares);
  if (best < 0.5) return undefined;
  const date = columns.find((index) => share(sample, index, isDate) >= 0.8);
  const tags = columns.filter((index) => share(sample, index, (text) => text.startsWith('#')) >= 0.8);
  const first = shares.indexOf(best);
  const kind = kindOf(sample, first);
  // a second link is a reference, and a name beside an address may be anybody's
  const alike = columns.filter(
    (index) =>
      (shares[index] ?? 0) >= 0.9 && kind !== 'url' && kindOf(sample, index) === kind && !isSame(sample, index),
  );
  const values = words === undefined && alike.length > 0 ? alike : [first];
  return { values: values.map((index) => ({ index, type: undefined })), tags, type: words, first_seen: date };
}

/** True for a day or a moment, as tables write them. */
export function isDate(text: string): boolean {
  return /\D\d/.test(text) && timeOf(dateText(text), FAR) !== undefined;
}

/** The same in several rows is where they are from. */
function isSame(rows: Rows, index: number): boolean {
  return rows.length > 1 && new Set(rows.map((row) => row[index])).size === 1;
}

/** What a column holds, by its first value. */
function kindOf(rows: Rows, index: number): string | undefined {
  for (const row of rows) {
    const read = readValue(undefined, row[index] ?? '');
    if (read.ok) return /^(?:md5|sha)/.test(read.type) ? 'hash' : read.type;
  }
  return undefined;
}

/** For dates that are only looked at. */
const FAR = '9999-01-01T00:00:00Z';

/** Columns as the caller names them, and those he does not as their header says; a number counts from 1. */
export function planAsTold(
  columns: NonNullable<ReadOptions['columns']>,
  header: readonly string[] | undefined,
): Plan | { missing: string } {
  const names = (header ?? []).map(columnName);
  const plan: Plan = { ...partsOf(names), values: [] };
  for (const [part, name] of Object.entries(columns) as [Column, string][]) {
    const index = indexOf(name, header ?? [], names);
    if (index === undefined) return { missing: name };
    if (part === 'value') plan.values.push({ index, type: valueType(names[index]) });
    else if (part === 'tags') plan.tags = [index];
    else plan[part] = index;
  }
  return plan;
}

function indexOf(name: string, header: readonly string[], names: readonly string[]): number | undefined {
  const exact = header.findIndex((cell) => cell.trim() === name);
  const alike = exact >= 0 ? exact : names.indexOf(columnName(name));
  if (alike >= 0) return alike;
  return /^[1-9]\d{0,3}$/.test(name) ? Number(name) - 1 : undefined;
}

function valueType(name = ''): IocType | undefined {
  const type = typeNamed(name);
  return type === 'unsupported' ? undefined : type;
}

/** True for names that a header could have, one of them of a column that is known. */
export function looksLikeHeader(cells: readonly string[]): boolean {
  const names = cells.map(nameIn);
  const known = names.filter(
    (name) => typeNamed(name) !== undefined || Object.values(NAMES).some((each) => each.test(name)),
  );
  return known.length > 0 && cells.every((cell) => cell.length <= 60 && !reads(undefined, cell));
}
