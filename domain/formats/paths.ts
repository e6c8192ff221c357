import { isObject } from '../is-object';
import type { Fields } from './document';

/** A value, and where it stands. */
export interface Found {
  value: unknown;
  /** JSON pointer (RFC 6901); empty for what is no single field. */
  pointer: string;
}

/** A list longer than this is read no further: no alert needs more, and a hostile one costs no more. */
const MOST_OF_LIST = 200;

const lowerKeys = new WeakMap<object, Map<string, string>>();

function keyIn(object: Fields, name: string): string | undefined {
  if (Object.hasOwn(object, name)) return name;
  let known = lowerKeys.get(object);
  if (!known) {
    known = new Map(Object.keys(object).map((key) => [key.toLowerCase(), key]));
    lowerKeys.set(object, known);
  }
  return known.get(name.toLowerCase());
}

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

const parsedStrings = new WeakMap<object, Map<string, unknown>>();

/** JSON inside a string, parsed once for each document. */
function opened(value: unknown, owner: object): unknown {
  if (typeof value !== 'string' || !/^\s*[{[]/.test(value)) return value;
  let known = parsedStrings.get(owner);
  if (!known) parsedStrings.set(owner, (known = new Map<string, unknown>()));
  if (!known.has(value)) {
    try {
      known.set(value, JSON.parse(value));
    } catch {
      known.set(value, undefined);
    }
  }
  return known.get(value);
}

/**
 * The values at a dotted path. Keys may be nested, flat (`"a.b": 1`) or both, of any case; a list on the way is gone
 * through whole unless the path names a place in it (`a.0.b`); JSON in a string is opened where the path leads into it.
 */
export function valuesAt(fields: Fields, path: string): Found[] {
  return walk(fields, path.split('.'), '', fields);
}

function walk(value: unknown, steps: readonly string[], pointer: string, owner: object): Found[] {
  if (Array.isArray(value)) return throughList(value, steps, pointer, owner);
  if (steps.length === 0) return value === undefined || value === null ? [] : [{ value, pointer }];
  const inside = opened(value, owner);
  if (Array.isArray(inside)) return throughList(inside, steps, pointer, owner);
  if (!isObject(inside)) return [];
  for (let taken = 1; taken <= steps.length; taken++) {
    const key = keyIn(inside, steps.slice(0, taken).join('.'));
    if (key === undefined) continue;
    const found = walk(inside[key], steps.slice(taken), `${pointer}/${escaped(key)}`, owner);
    if (found.length > 0) return found;
  }
  return [];
}

function throughList(list: readonly unknown[], steps: readonly string[], pointer: string, owner: object): Found[] {
  const [first = '', ...rest] = steps;
  if (/^\d{1,3}$/.test(first)) return walk(list[Number(first)], rest, `${pointer}/${first}`, owner);
  return list.slice(0, MOST_OF_LIST).flatMap((item, index) => walk(item, steps, `${pointer}/${index}`, owner));
}

/** The items of the lists at the path, or what else stands there; JSON in a string is opened. */
export function itemsAt(fields: Fields, path: string): Found[] {
  return valuesAt(fields, path).flatMap(({ value, pointer }) => {
    const inside = opened(value, fields);
    return inside === undefined || inside === null ? [] : walk(inside, [], pointer, fields);
  });
}

/** True when something stands at each of the paths, be it an empty list. */
export function has(fields: Fields, ...paths: string[]): boolean {
  return paths.every((path) => valuesAt(fields, path).length > 0);
}

/** The first value at the path, as text; undefined when it is no text or number. */
export function textAt(fields: Fields, path: string): string | undefined {
  const value = valuesAt(fields, path)[0]?.value;
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}

const MOST_LEAVES = 5000;

/** Every value that holds no others, with its pointer; the first {@link MOST_LEAVES}. */
export function leaves(fields: Fields): Found[] {
  const found: Found[] = [];
  const pending: Found[] = [{ value: fields, pointer: '' }];
  for (let next = pending.pop(); next && found.length < MOST_LEAVES; next = pending.pop()) {
    const { value, pointer } = next;
    if (typeof value !== 'object' || value === null) {
      found.push(next);
      continue;
    }
    const members = Object.entries(value).reverse();
    for (const [key, member] of members) pending.push({ value: member, pointer: `${pointer}/${escaped(key)}` });
  }
  return found;
}
