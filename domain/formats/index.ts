import { countValues, MOST_VALUES } from '../count-values';
import { isObject } from '../is-object';
import { canonical } from './canonical';
import type { Document } from './document';
import {
  InvalidAlertError,
  MOST_ALERTS,
  pointerOf,
  TooManyAlertsError,
  type Format,
  type MappedAlert,
  type ParsedAlert,
  type Submission,
} from './format';
import { generic } from './generic';
import { PRODUCTS } from './products';
import { isRecord, linesOf, readDocument } from './read-document';
import { STANDARDS } from './standards';
import { unrecognised } from './unrecognised';
import { unwrapped } from './unwrap';

export { canonicalAlertSchema } from './canonical-schema';
export {
  InvalidAlertError,
  MOST_ALERTS,
  TooManyAlertsError,
  type FieldError,
  type Format,
  type ParsedAlert,
  type Submission,
} from './format';

const MAKERS: readonly Format[] = [...PRODUCTS, ...STANDARDS];

const FRAME: readonly string[] = ['source', 'alert_id', 'timestamp', 'severity'];

function saysSomething({ alert, eventClasses = [] }: MappedAlert): boolean {
  return eventClasses.length > 0 || Object.keys(alert).some((field) => !FRAME.includes(field));
}

/** A format that reads no more of a document than its id, time and severity took it for another's: the next may try. */
function unlessMistaken(format: Format): Format {
  return {
    ...format,
    understand(document, context) {
      const mapped = format.understand(document, context);
      return mapped?.some(saysSomething) ? mapped : undefined;
    },
  };
}

/**
 * Formats that know their documents by their shape, the most particular first: products, then the standards that many
 * products write, then our own alert.
 */
const PARTICULAR: readonly Format[] = [...MAKERS.map(unlessMistaken), canonical];

/** All formats, as they are tried. */
export const FORMATS: readonly Format[] = [...MAKERS, canonical, generic, unrecognised];

/** Deeper documents are no alerts; they are made to exhaust a stack. */
const DEEPEST = 100;
const MOST_WRAPPINGS = 4;

/** Refuses what JSON allows but nothing after us can hold: numbers beyond a double, and bottomless nesting. */
function refuseUnholdable(body: unknown): void {
  const pending: { value: unknown; path: PropertyKey[] }[] = [{ value: body, path: [] }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, path } = next;
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new InvalidAlertError([{ pointer: pointerOf(path), detail: 'is a number too large to be kept' }]);
    }
    if (typeof value !== 'object' || value === null) continue;
    if (path.length >= DEEPEST) {
      throw new InvalidAlertError([{ pointer: '', detail: `must not be nested deeper than ${DEEPEST} levels` }]);
    }
    for (const [key, member] of Object.entries(value)) pending.push({ value: member, path: [...path, key] });
  }
}

/** What holds nothing an analyst could look at. */
function refuseNothing(body: unknown): void {
  if (typeof body === 'string' && body.trim() !== '') return;
  if (Array.isArray(body) && body.length > 0) return;
  if (Array.isArray(body) || typeof body === 'string') {
    throw new InvalidAlertError([{ pointer: '', detail: 'must not be empty' }]);
  }
  if (!isObject(body)) throw new InvalidAlertError([{ pointer: '', detail: 'must be an object or text' }]);
  if (Object.keys(body).length === 0) throw new InvalidAlertError([{ pointer: '', detail: 'must not be empty' }]);
}

/** Text that is a JSON document is read as one: some tools send JSON as text/plain. */
function readText(body: unknown): unknown {
  if (typeof body !== 'string' || !/^\s*[{[]/.test(body)) return body;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}

function named(name: string): Format {
  const format = FORMATS.find((known) => known.name === name);
  if (format) return format;
  throw new InvalidAlertError([
    { pointer: '', detail: `format: there is none named ${name}; GET /formats lists them` },
  ]);
}

/** Documents that are looked at for one submission: those that carry others count too. */
const MOST_DOCUMENTS = 2 * MOST_ALERTS;

/** One submission while it is read, and what may still be spent on it: a small body can hold very much to look through. */
interface Context extends Pick<Submission, 'receivedAt'> {
  spent: { documents: number; values: number };
}

/** Takes apart what was found in another document. @throws TooManyAlertsError */
function opened(inside: readonly unknown[], { spent }: Context): Document[] {
  spent.documents += inside.length;
  if (spent.documents > MOST_DOCUMENTS) throw new TooManyAlertsError();
  // those that stood as text in others were not counted at the door
  spent.values += countValues(inside, MOST_VALUES);
  if (spent.values > MOST_WRAPPINGS * MOST_VALUES) throw new TooManyAlertsError();
  inside.forEach(refuseUnholdable);
  return inside.map(readDocument);
}

/** What the format makes of the document. JSON may name a member `toString`: such a value turns into no text, and no format knows it. */
function understood(format: Format, document: Document, context: Context): MappedAlert[] | undefined {
  try {
    return format.understand(document, context);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function claimed(formats: readonly Format[], document: Document, context: Context): ParsedAlert[] | undefined {
  for (const format of formats) {
    const mapped = understood(format, document, context);
    if (mapped && mapped.length > 0) return mapped.map((each) => ({ format: format.name, ...each }));
  }
  return undefined;
}

/** By a format that knows the document, or one that knows what is wrapped in it. */
function recognised(
  formats: readonly Format[],
  document: Document,
  context: Context,
  wrappings = 0,
): ParsedAlert[] | undefined {
  const here = claimed(formats, document, context);
  if (here || document.syntax !== 'json' || wrappings === MOST_WRAPPINGS) return here;
  for (const inside of unwrapped(document.fields)) {
    const documents = opened(inside, context);
    const found = documents.map((each) => recognised(formats, each, context, wrappings + 1) ?? []);
    if (found.every((each) => each.length === 0)) continue;
    // beside one that is known, the others of the list are alerts too
    return documents.flatMap((each, nth) => (found[nth]?.length ? found[nth] : anyhow(each, context)));
  }
  return undefined;
}

/** Where no other format reads more of it, one that at least knows its shape may have it. */
function anyhow(document: Document, context: Context): ParsedAlert[] {
  return claimed([generic, ...MAKERS, unrecognised], document, context) ?? [];
}

function alertsOf(item: unknown, submission: Submission, context: Context): ParsedAlert[] {
  if (Array.isArray(item)) throw new InvalidAlertError([{ pointer: '', detail: 'must not be an array in an array' }]);
  refuseNothing(item);
  const document = readDocument(item);
  if (submission.format === undefined) {
    return recognised(PARTICULAR, document, context) ?? anyhow(document, context);
  }
  const format = named(submission.format);
  const found = recognised([format], document, context);
  if (found) return found;
  throw new InvalidAlertError([{ pointer: '', detail: `is no document of the format ${format.name}` }]);
}

/** What is wrong with an item of an array is named by its place there. */
function within<T>(index: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidAlertError)) throw error;
    throw new InvalidAlertError(
      error.errors.map(({ pointer, detail }) => ({ pointer: `/${index}${pointer}`, detail })),
    );
  }
}

/** The records of a text: its lines, where each of them is one; else the text as a whole. @throws TooManyAlertsError */
function recordsOf(text: string, context: Context): string[] {
  const lines = linesOf(text);
  const first = lines.slice(0, MOST_ALERTS + 1);
  const isKnown = (line: string) => claimed(PARTICULAR, readDocument(line), context) !== undefined;
  if (lines.length < 2 || !(first.every(isRecord) || first.every(isKnown))) return [text];
  if (lines.length > MOST_ALERTS) throw new TooManyAlertsError();
  return lines;
}

/**
 * The alerts of a submitted document, normalised: one, or as many as its envelope, array or lines hold.
 *
 * @throws InvalidAlertError naming every offending field
 * @throws TooManyAlertsError
 */
export function parseSubmission(submission: Submission): ParsedAlert[] {
  const body = readText(submission.body);
  refuseNothing(body);
  refuseUnholdable(body);
  const context: Context = { receivedAt: submission.receivedAt, spent: { documents: 0, values: 0 } };
  const items: unknown[] = Array.isArray(body) ? body : typeof body === 'string' ? recordsOf(body, context) : [body];
  if (items.length > MOST_ALERTS) throw new TooManyAlertsError();
  const alerts = items.flatMap((item, index) =>
    Array.isArray(body)
      ? within(index, () => alertsOf(item, submission, context))
      : alertsOf(readText(item), submission, context),
  );
  if (alerts.length > MOST_ALERTS) throw new TooManyAlertsError();
  return alerts;
}
