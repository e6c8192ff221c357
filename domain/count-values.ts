/** Values (fields, list entries) one document may have: beyond that it is made to keep a server busy. */
export const MOST_VALUES = 50_000;

/** How many values (fields and list entries, at every depth) a document has; stops counting beyond `enough`. */
export function countValues(document: unknown, enough: number): number {
  let count = 0;
  const pending: unknown[] = [document];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    const members: unknown[] = Array.isArray(next) ? next : Object.values(next);
    count += members.length;
    if (count > enough) return count;
    for (const member of members) pending.push(member);
  }
  return count;
}
