import type { Alert } from '../alert';
import { strongestHash } from '../hashes';
import { coerce, LIST_FIELDS, type Field } from './coerce';
import type { Document } from './document';
import { leaves, type Found } from './paths';
import { candidates, type Reading } from './readings';

/** Where the canonical fields stand in the documents of a format. */
export type FieldMap = Partial<Record<Field, Reading>> & {
  /** What the product calls this kind of event; the classification table knows it. */
  event_class?: Reading;
};

/** A document read by a map. */
export interface Mapped {
  alert: Omit<Alert, 'source'>;
  eventClasses: string[];
  /** JSON pointers of what each field was read from; the empty pointer is the document as a whole. */
  origins: Partial<Record<Field, string[]>>;
  /** JSON pointers of what no field was read from. */
  leftOver: string[];
}

/** Pointers named at most; documents of some products have thousands of values. */
const MOST_LEFT = 200;
const MOST_ENTRIES = 100;

interface Taken {
  value: unknown;
  pointers: string[];
}

function takeOne(field: Field, found: readonly Found[], receivedAt: string): Taken | undefined {
  for (const { value, pointer } of found) {
    const [held] = coerce(field, value, receivedAt);
    if (held !== undefined) return { value: held, pointers: [pointer] };
  }
  return undefined;
}

function takeAll(field: Field, found: readonly Found[], receivedAt: string): Taken | undefined {
  const values = new Map<unknown, string>();
  for (const { value, pointer } of found) {
    for (const one of coerce(field, value, receivedAt)) if (!values.has(one)) values.set(one, pointer);
    if (values.size >= MOST_ENTRIES) break;
  }
  if (values.size === 0) return undefined;
  return { value: [...values.keys()].slice(0, MOST_ENTRIES), pointers: [...new Set(values.values())] };
}

const isUnder = (pointer: string, used: ReadonlySet<string>): boolean => {
  for (let end = pointer.length; end > 0; end = pointer.lastIndexOf('/', end - 1)) {
    if (used.has(pointer.slice(0, end))) return true;
  }
  return false;
};

function leftOver({ fields }: Document, origins: readonly string[]): string[] {
  const used = new Set(origins);
  const left = leaves(fields).filter(({ value, pointer }) => value !== null && value !== '' && !isUnder(pointer, used));
  return left.slice(0, MOST_LEFT).map(({ pointer }) => pointer);
}

/** Reads a document by a map. Never throws: what a field cannot hold is left over. */
export function mapFields(document: Document, map: FieldMap, receivedAt: string): Mapped {
  const { event_class: classes = [], ...fields } = map;
  const alert: Record<string, unknown> = {};
  const origins: Partial<Record<Field, string[]>> = {};
  for (const [name, reading] of Object.entries(fields)) {
    const field = name as Field;
    const take = LIST_FIELDS.includes(field) ? takeAll : takeOne;
    const taken = take(field, candidates(reading, document), receivedAt);
    if (!taken) continue;
    alert[field] = taken.value;
    origins[field] = taken.pointers;
  }
  const eventClasses = candidates(classes, document).flatMap(({ value }) =>
    typeof value === 'string' || typeof value === 'number' ? [String(value)] : [],
  );
  return {
    alert: completed(alert),
    eventClasses: [...new Set(eventClasses)],
    origins,
    leftOver: leftOver(document, Object.values(origins).flat()),
  };
}

/** What follows from the fields themselves. */
function completed(alert: Omit<Alert, 'source'>): Omit<Alert, 'source'> {
  const strongest = alert.file_hash ?? strongestHash(alert.file_hashes ?? []);
  const title = alert.title ?? alert.rule_name;
  return {
    ...alert,
    ...(strongest === undefined ? {} : { file_hash: strongest }),
    ...(title === undefined ? {} : { title }),
  };
}
