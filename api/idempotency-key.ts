import { invalidFields } from './problems';

/** Longest `Idempotency-Key` of a submission, as for any name. */
const LONGEST = 255;

/** @throws Problem 422 when it is too long */
export function submissionKey(header: string | string[] | undefined): string | undefined {
  const key = header?.toString().trim();
  if (key && key.length > LONGEST) {
    throw invalidFields([{ pointer: '', detail: `The Idempotency-Key has more than ${LONGEST} characters` }]);
  }
  return key || undefined;
}
