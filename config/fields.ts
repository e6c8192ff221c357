import { z } from 'zod';

/** Kinds of environment variables, each with the words it is refused in. */

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** `15m`, `2h`, `90s`, `1d` or `0`, as milliseconds. */
export const duration = z
  .string()
  .regex(/^(0|\d+(?:\.\d+)?[smhd])$/, 'is not a duration such as 15m, 2h or 0')
  .transform((text) => (text === '0' ? 0 : Number.parseFloat(text) * 1000 * SECONDS[text.slice(-1) as 's']));

export const port = z
  .string()
  .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, 'is not a number from 0 to 65535')
  .transform(Number);

/** An http(s) address, without a slash at the end. */
export const url = z
  .url({ protocol: /^https?$/, error: 'is not an http(s) URL' })
  .transform((text) => text.replace(/\/+$/, ''));

/** An http(s) address, to the letter. */
export const address = z.url({ protocol: /^https?$/, error: 'is not an http(s) URL' });

const WHSEC = 'whsec_';

/** Bytes that sign: written as the open standard for webhooks has it, `whsec_` and base64, or as any text. */
export const signingSecret = z
  .string()
  .transform((text) => (text.startsWith(WHSEC) ? fromBase64(text.slice(WHSEC.length)) : Buffer.from(text, 'utf8')))
  .refine(({ length }) => length >= 16, 'is neither whsec_ and the base64 of 16 bytes or more, nor a text as long');

/** Nothing of what is no base64. */
function fromBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  const bare = (base64: string) => base64.replace(/=+$/, '');
  return bare(bytes.toString('base64')) === bare(text) ? bytes : Buffer.alloc(0);
}

/** How many; 0 where that means without a limit. */
export const count = z
  .string()
  .regex(/^\d{1,9}$/, 'is not a whole number')
  .transform(Number);

const UNITS = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;

/** `500MiB`, `1GiB` or a number of bytes. */
export const bytes = z
  .string()
  .regex(/^[1-9]\d{0,9}(?:KiB|MiB|GiB)?$/, 'is not a size such as 500MiB, 1GiB or a number of bytes')
  .transform((text) => Number.parseInt(text, 10) * (UNITS[text.slice(-3) as keyof typeof UNITS] ?? 1));

export function oneOf<const T extends readonly string[]>(values: T): z.ZodEnum<{ [V in T[number]]: V }> {
  return z.enum(values, { error: `is not one of ${values.join(', ')}` });
}

export const flag = oneOf(['0', '1']).transform((text) => text === '1');

export const text = z.string();

/** Names of environment variables, and what each may be. */
export type Variables = Record<string, z.ZodType>;
export type SettingsOf<V extends Variables> = z.output<z.ZodObject<V>>;
