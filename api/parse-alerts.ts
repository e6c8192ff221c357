import { InvalidAlertError, parseSubmission, type ParsedAlert } from '../domain/formats';
import { countValues } from '../domain/count-values';
import { invalidFields } from './problems';

/** Values (fields, list entries) one document may have: beyond that it is made to keep a server busy. */
export const MOST_VALUES = 50_000;

/** One submitted document, decoded. */
export interface Submitted {
  /** Parsed JSON, or the text of a body that is none. */
  body: unknown;
  mediaType: string;
  /** Name of the source format, where the sender gave it. */
  format?: string | undefined;
  receivedAt: string;
}

/**
 * The alerts of a document.
 * @throws Problem 422 naming every offending field
 */
export async function parseAlerts({ format, ...submitted }: Submitted): Promise<ParsedAlert[]> {
  if (countValues(submitted.body, MOST_VALUES) > MOST_VALUES) {
    throw invalidFields([{ pointer: '', detail: `must not have more than ${MOST_VALUES} values` }]);
  }
  if (typeof submitted.body === 'string' && submitted.body.trim() === '') {
    throw invalidFields([{ pointer: '', detail: 'must not be empty' }]);
  }
  const submission = { ...submitted, ...(format === undefined ? {} : { format }) };
  try {
    // which may or may not be asynchronous
    return await Promise.resolve(parseSubmission(submission));
  } catch (error) {
    if (error instanceof InvalidAlertError) throw invalidFields(error.errors);
    throw error;
  }
}
