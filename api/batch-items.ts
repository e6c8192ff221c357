import { arraySplitter, lineSplitter, split } from '../domain/split-bytes';
import { MOST_ALERTS } from '../domain/formats';
import { contentOf, type RequestDocument } from './body';
import { invalidFields, Problem } from './problems';

/** Most items of one batch, and most alerts of one document. */
export const MOST_ITEMS = MOST_ALERTS;

const JSON_TYPE = 'application/json';

/** A document that may be one of several in a body. */
export interface SubmittedItem {
  /** As it stands in the body. */
  bytes: Buffer;
  mediaType: string;
  charset: string;
  /**
   * What it says: parsed JSON, or text.
   * @throws Problem 400 when it cannot be read
   */
  read: () => unknown;
}

/** A body that is taken as one document. */
export function wholeOf({ bytes, mediaType, charset, content }: RequestDocument): SubmittedItem {
  return { bytes, mediaType, charset, read: () => content };
}

/**
 * The items of a body, in order: of a JSON array, or of NDJSON. Text that is not JSON as a whole is read line by line, as
 * logs are: each line is JSON or a text.
 * @throws Problem 413 when there are too many, 415, 422 when there are none
 */
export function itemsOf(document: RequestDocument): SubmittedItem[] {
  const { content, reading, charset, mediaType } = document;
  if (reading === 'text') throw new Problem('unsupported-media-type', `${mediaType} is one document and no batch.`);
  if (!SPLITTABLE.test(charset)) {
    throw new Problem('unsupported-media-type', 'What is taken apart is read in UTF-8 or a charset of single bytes.');
  }
  if (Array.isArray(content)) return listItems(document, content);
  if (reading === 'json') throw invalidFields([{ pointer: '', detail: 'must be an array of alerts' }]);
  return typeof content === 'object' && content !== null ? [wholeOf(document)] : lineItems(document, reading);
}

/** @throws Problem 413, 422 */
export function refuseCount(count: number): void {
  if (count === 0) throw invalidFields([{ pointer: '', detail: 'holds no alert' }]);
  if (count <= MOST_ITEMS) return;
  throw new Problem('too-large', `At most ${MOST_ITEMS} alerts are taken at once, and these are ${count}: send parts.`);
}

/** No byte of a longer character may look like a bracket, a quote or the end of a line. */
const SPLITTABLE = /^(?:utf-8|windows-\d+|iso-8859-\d+|koi8-\w|macintosh)$/;

function listItems({ bytes, charset }: RequestDocument, list: readonly unknown[]): SubmittedItem[] {
  refuseCount(list.length);
  return split(bytes, arraySplitter()).map((piece, index) => ({
    bytes: piece.bytes,
    mediaType: JSON_TYPE,
    charset,
    read: () => list[index],
  }));
}

function lineItems(
  { bytes, mediaType, charset }: RequestDocument,
  reading: 'ndjson' | 'json-or-text',
): SubmittedItem[] {
  const pieces = split(bytes, lineSplitter());
  refuseCount(pieces.length);
  const isNdjson = reading === 'ndjson';
  return pieces.map((piece) => ({
    bytes: piece.bytes,
    mediaType: isNdjson ? JSON_TYPE : mediaType,
    charset,
    read: () => contentOf(piece.bytes, { charset, reading: isNdjson ? 'json' : reading, what: 'line' }),
  }));
}
