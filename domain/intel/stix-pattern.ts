import type { IocType } from './indicator';
import { parsePattern, type Comparison, type Joined, type Node, type ObjectPath, type Qualified } from './stix/grammar';
import { pathText, subjectOf, type Subject } from './stix/subjects';
import { PatternError } from './stix/tokens';

export interface PatternValue {
  /** Undefined: what the value looks like. */
  type: IocType | undefined;
  /** As it stands in the pattern. */
  text: string;
  /** Of a pattern that holds in a span of time only; as written. */
  from?: string;
  until?: string;
}

export type PatternReading =
  | {
      ok: true;
      /** Each of them is an indicator on its own. */
      values: PatternValue[];
      /** Why other parts of the pattern are no such values. */
      unread: string[];
    }
  | { ok: false; reason: string };

/**
 * The values of a STIX pattern whose sight is enough for the whole pattern to be true.
 *
 * - `=`, each value of an `IN`, the range of an `ISSUBSET`; of several joined by OR, and of observations joined by OR, each.
 * - Comparisons joined by AND hold together only, so that none of them is an indicator. But hashes of the same file are
 *   each the whole file, and what only tells more of the same thing takes nothing away: name and size of a file with a
 *   hash, the addresses a domain resolves to, the port of a connection. There the value alone is what one looks for.
 * - What must be seen several times, in turn, or together with something else, is no indicator; nor are NOT, `!=`, LIKE
 *   (which knows wildcards), MATCHES, orders, and objects that nothing is looked up by.
 * - START and STOP bound the time of the value.
 */
export function readPattern(text: string): PatternReading {
  try {
    const { exact, unread } = readingOf(parsePattern(text));
    const values = exact.map(({ subject, text: value, from, until }) => ({
      type: subject.type,
      text: value,
      ...(from === undefined ? {} : { from }),
      ...(until === undefined ? {} : { until }),
    }));
    return { ok: true, values, unread: [...new Set(unread)] };
  } catch (error) {
    if (error instanceof PatternError) return { ok: false, reason: `Is no STIX pattern: ${error.message}` };
    throw error;
  }
}

interface Exact extends Omit<PatternValue, 'type'> {
  subject: Subject;
}

interface Reading {
  exact: readonly Exact[];
  unread: readonly string[];
  /** All that is compared. */
  paths: readonly ObjectPath[];
}

function readingOf(node: Node): Reading {
  switch (node.kind) {
    case 'comparison':
      return compared(node);
    case 'qualified':
      return qualified(node);
    case 'or':
      return merged(node.of.map(readingOf));
    case 'and':
      return together(node.of.map(readingOf));
    default:
      return apart(node);
  }
}

function merged(readings: readonly Reading[]): Reading {
  return {
    exact: readings.flatMap(({ exact }) => exact),
    unread: readings.flatMap(({ unread }) => unread),
    paths: readings.flatMap(({ paths }) => paths),
  };
}

/** The same without values, and why. */
function without(reading: Reading, reason: string): Reading {
  return { ...reading, exact: [], unread: [...reading.unread, reason] };
}

function isExact({ operator, negated }: Comparison, type: IocType | undefined): boolean {
  return !negated && (operator === '=' || operator === 'IN' || (operator === 'ISSUBSET' && type !== 'domain'));
}

function compared(comparison: Comparison): Reading {
  const { path, operator, negated } = comparison;
  const subject = subjectOf(path);
  const reading = { exact: [], unread: [], paths: [path] };
  if (!subject) return without(reading, `${pathText(path).slice(0, 100)} is nothing that can be looked up`);
  if (!isExact(comparison, subject.type)) {
    return without(reading, `${negated ? 'NOT ' : ''}${operator} of ${pathText(path)} names no exact value`);
  }
  return { ...reading, exact: comparison.values.map((text) => ({ subject, text })) };
}

function together(operands: readonly Reading[]): Reading {
  const all = merged(operands);
  const [first] = all.exact;
  if (!first) return all;
  const telling = operands.filter(({ exact }) => exact.length > 0);
  const more = operands.filter(({ exact }) => exact.length === 0).flatMap(({ paths }) => paths);
  const { subject } = first;
  const sameThing = all.exact.every(
    ({ subject: { object, hash } }) => hash === subject.hash && object === subject.object,
  );
  if (sameThing && (subject.hash || telling.length === 1) && more.every((path) => subject.isContext(path))) {
    return { ...all, unread: telling.flatMap(({ unread }) => unread) };
  }
  const names = [...new Set(all.paths.map(pathText))].slice(0, 4).join(' and ').slice(0, 200);
  return without(all, `${names} count only together`);
}

function apart({ kind, of }: Joined): Reading {
  const how = kind === 'in_turn' ? 'one after the other' : 'together';
  return without(merged(of.map(readingOf)), `several observations count only ${how}`);
}

function qualified({ of, repeats, from, until }: Qualified): Reading {
  const reading = readingOf(of);
  if (!(repeats <= 1)) return without(reading, `counts only when seen ${repeats} times`);
  if (from === undefined || until === undefined) return reading;
  return { ...reading, exact: reading.exact.map((value) => ({ from, until, ...value })) };
}
