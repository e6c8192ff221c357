import { z } from 'zod';
import { normaliseEntries } from '../domain/guard-entries';
import { ALL_ATTRIBUTES, GUARD_MATCHES, type GuardMatch } from '../domain/guard-list';
import { messageOf } from './errors';

const documentSchema = z.object({
  name: z.string().max(500),
  version: z.union([z.number(), z.string().regex(/^[\w.-]{1,40}$/)]).transform(String),
  type: z.enum(GUARD_MATCHES, { error: `is not one of ${GUARD_MATCHES.join(', ')}` }),
  matching_attributes: z.array(z.string()).default([ALL_ATTRIBUTES]),
  list: z.array(z.string().max(10_000)),
});

/** A warning list in the form it is kept in. */
export interface StoredList {
  name: string;
  version: string;
  title: string;
  match: GuardMatch;
  attributes: readonly string[];
  entries: readonly string[];
  leftOut: number;
}

/** @throws Error saying in one line why the `list.json` is none */
export function parseWarningList(name: string, document: Uint8Array): StoredList {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(document));
  } catch (cause) {
    throw new Error(`is not JSON (${messageOf(cause)})`, { cause });
  }
  const parsed = documentSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`is not a warning list (${issue?.path.join('.') || 'document'}: ${issue?.message})`);
  }
  const { version, name: title, type: match, matching_attributes: attributes, list } = parsed.data;
  return { name, version, title, match, attributes, ...normaliseEntries(match, list) };
}
