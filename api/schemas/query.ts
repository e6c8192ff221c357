import { z } from 'zod';
import { normaliseTimestamp } from '../../domain/time';

/** Pieces that query schemas are made of. A query holds only strings; every piece says what it wants when it is wrong. */

const MAX_LIST = 50;
const MAX_TEXT = 255;

const commaList = <T>(item: z.ZodType<T>): z.ZodType<T[]> =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value),
    z.array(item).max(MAX_LIST, `Must have at most ${MAX_LIST} entries`),
  );

/** `a,b`, each one of the values. */
export const listOf = <const T extends readonly string[]>(values: T): z.ZodType<T[number][]> =>
  commaList(z.enum(values, { error: `Must be one or more of ${values.join(', ')}` }));

/** `a,b`, any names. */
export const names = (): z.ZodType<string[]> => commaList(text());

export const text = (most = MAX_TEXT): z.ZodString =>
  z.string().trim().min(1, 'Must not be empty').max(most, `Must have at most ${most} characters`);

export const flag = (): z.ZodType<boolean> =>
  z.preprocess(
    (value) => (value === 'true' ? true : value === 'false' ? false : value),
    z.boolean({ error: 'Must be true or false' }),
  );

export const wholeNumber = (least: number, most: number): z.ZodType<number> => {
  const error = `Must be a whole number from ${least} to ${most}`;
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value),
    z.number({ error }).int(error).min(least, error).max(most, error),
  );
};

const ZONE = /(?:Z|[+-]\d{2}:\d{2})$/i;

/** An RFC 3339 time, handed on in UTC with microseconds. A `+` that stands unencoded in a URL arrives as a space. */
export const instant = (): z.ZodType<string> =>
  z
    .string()
    .meta({ format: 'date-time' })
    .transform((value, context) => {
      const repaired = value.replace(/ (?=\d{2}:\d{2}$)/, '+');
      const normal = ZONE.test(repaired) ? normaliseTimestamp(repaired) : undefined;
      if (normal !== undefined) return normal;
      context.addIssue({ code: 'custom', message: 'Must be an RFC 3339 time such as 2026-11-23T12:00:00Z' });
      return z.NEVER;
    });
