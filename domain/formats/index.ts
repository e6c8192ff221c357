import { canonical } from './canonical';
import { isObject } from '../is-object';
import { InvalidAlertError, pointerOf, type Format, type ParsedAlert, type Submission } from './format';
import { unrecognised } from './unrecognised';

export { canonicalAlertSchema } from './canonical-schema';
export { InvalidAlertError, type FieldError, type Format, type ParsedAlert, type Submission } from './format';

/** The formats understood, the most particular first. */
export const FORMATS: readonly Format[] = [canonical, unrecognised];

/** Deeper documents are no alerts; they are made to exhaust a stack. */
const DEEPEST = 100;

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
  if (typeof body === 'string') return;
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

/**
 * The alerts of a submitted document, normalised. Pure.
 *
 * @throws InvalidAlertError naming every offending field.
 */
export function parseSubmission(submission: Submission): ParsedAlert[] {
  const body = readText(submission.body);
  if (Array.isArray(body)) {
    throw new InvalidAlertError([{ pointer: '', detail: 'an array of alerts goes to /alerts/batch' }]);
  }
  refuseNothing(body);
  refuseUnholdable(body);
  const format = FORMATS.find((known) => known.detect(body)) ?? unrecognised;
  return format.map(body, submission).map((mapped) => ({ format: format.name, ...mapped }));
}
