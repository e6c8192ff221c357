import type { Model, QueryBuilder } from 'objection';
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

/**
 * A page of a table, newest first; of what was made at the same time, the greater id first.
 * @param query what else is wanted of its rows
 * @throws InvalidCursorError
 */
export async function newestPage<Row extends { created_at: Instant; id: string }>(
  query: QueryBuilder<Model & Row>,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: Row[]; nextCursor: string | null }> {
  void query.orderBy([
    { column: 'created_at', order: 'desc' },
    { column: 'id', order: 'desc' },
  ]);
  if (cursor !== undefined) {
    const [before, id] = readCursor(cursor);
    void query.where((where) => {
      void where
        .where('created_at', '<', before)
        .orWhere((same) => void same.where('created_at', before).where('id', '<', id));
    });
  }
  const found = (await query.limit(limit + 1)).map((row) => row.toJSON() as unknown as Row);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last ? writeCursor(last.created_at, last.id) : null };
}
