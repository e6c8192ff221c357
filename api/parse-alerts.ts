import { InvalidAlertError, parseSubmission, TooManyAlertsError, type ParsedAlert } from '../domain/formats';
import { openMail } from '../domain/formats/mail';
import { countValues, MOST_VALUES } from '../domain/count-values';
import { invalidFields, Problem } from './problems';

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
 * @throws Problem 413; 422 naming every offending field
 */
export async function parseAlerts({ body, mediaType, format, receivedAt }: Submitted): Promise<ParsedAlert[]> {
  if (countValues(body, MOST_VALUES) > MOST_VALUES) {
    throw invalidFields([{ pointer: '', detail: `must not have more than ${MOST_VALUES} values` }]);
  }
  if (typeof body === 'string' && body.trim() === '') {
    throw invalidFields([{ pointer: '', detail: 'must not be empty' }]);
  }
  const document = await openMail(body, mediaType);
  try {
    return parseSubmission({ body: document, format, receivedAt });
  } catch (error) {
    if (error instanceof InvalidAlertError) throw invalidFields(error.errors);
    if (error instanceof TooManyAlertsError) throw new Problem('too-large', error.message);
    throw error;
  }
}
