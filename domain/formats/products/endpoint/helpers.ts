import type { Document } from '../../document';
import { turned, type Reading } from '../../readings';

/** What conditions look at. */
export type Holder = Pick<Document, 'fields'>;

/** A kind of event by what names it: `tactic:Execution`. */
export function named(prefix: string, reading: Reading): Reading {
  return turned(reading, (value) =>
    (typeof value === 'string' && value !== '') || typeof value === 'number' || typeof value === 'boolean'
      ? `${prefix}:${value}`
      : undefined,
  );
}

/** `CORP\PC-17` is the host PC-17. */
export function withoutDomain(reading: Reading): Reading {
  return turned(reading, (value) => (typeof value === 'string' ? value.replace(/^.*\\/, '') : undefined));
}
