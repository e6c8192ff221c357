import { InvalidCursorError } from './errors';
import { toSqlTime } from './time';
import type { Instant } from './time';

/** Where a page ends in a list that is in the order of a time, then of the id. */
export function writeCursor(at: Instant, id: string): string {
  return Buffer.from(JSON.stringify([at, id])).toString('base64url');
}

/** The time as SQL wants it, and the id. @throws InvalidCursorError */
export function readCursor(cursor: string): [at: string, id: string] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parsed) && parsed.length === 2 && typeof parsed[1] === 'string') {
      return [toSqlTime(String(parsed[0])), parsed[1]];
    }
  } catch {
    // falls through: whatever it is, it is no cursor of ours
  }
  throw new InvalidCursorError();
}
