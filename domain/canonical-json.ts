/**
 * One text per value, whatever the order in which keys were set: what content hashes are taken of. Keys are sorted by
 * UTF-16 units and there is no white space, as in RFC 8785; properties that are undefined are left out, as JSON does.
 *
 * @throws TypeError on undefined, functions, bigints and numbers that JSON cannot hold (NaN, Infinity).
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (typeof value !== 'object') throw new TypeError(`Not a JSON value: a ${typeof value}`);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (value instanceof Date) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
