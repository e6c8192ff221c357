import { InvalidArgumentError } from 'commander';
import { duration } from '../config/fields';
import { normaliseTimestamp } from '../domain/time';

/** Reads a flag's value. @throws InvalidArgumentError */
export function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It is not a number of seconds.');
  return value;
}

/** Reads how long something is to last, such as `90m`, as milliseconds. @throws InvalidArgumentError */
export function span(text: string): number {
  const { data } = duration.safeParse(text);
  if (data === undefined || data <= 0) throw new InvalidArgumentError('It is not a duration such as 90m, 4h or 3d.');
  return data;
}

const WITHOUT_SECONDS = /^(\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2})(?=$|[Zz+-])/;

/** Reads a time; without a zone it is UTC, as are the times that are shown. @throws InvalidArgumentError */
export function instant(text: string): string {
  const time = normaliseTimestamp(text.replace(WITHOUT_SECONDS, '$1:00'));
  if (time === undefined) throw new InvalidArgumentError('It is not a time such as 2026-12-24T08:00Z.');
  return time;
}

/** Reads an incident's version. @throws InvalidArgumentError */
export function version(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('It is not a version.');
  return value;
}

/** Reads the number of an audit row, 0 for the one before the first. @throws InvalidArgumentError */
export function rowNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is not the number of a row.');
  return Number(text);
}

/** As {@link seconds}. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is not a whole number above 0.');
  return Number(text);
}

/** Reads 0 to 100. @throws InvalidArgumentError */
export function confidence(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > 100)
    throw new InvalidArgumentError('It is not a number from 0 to 100.');
  return Number(text);
}

/** Reads days, 0 for none. @throws InvalidArgumentError */
export function days(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('It is not a number of days.');
  return Number(text);
}

/** Reads `value:2,type:Kind`. @throws InvalidArgumentError */
export function columns(text: string): Record<string, string> {
  const pairs = text.split(',').map((part): [string, string] => {
    const [name = '', ...header] = part.split(':');
    return [name.trim(), header.join(':').trim()];
  });
  if (pairs.some(([name, header]) => name === '' || header === '')) {
    throw new InvalidArgumentError('It is not like value:2,type:Kind.');
  }
  return Object.fromEntries(pairs);
}
