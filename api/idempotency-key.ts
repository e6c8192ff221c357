import { invalidFields } from './problems';

/** Longest `Idempotency-Key`, as for any name. */
const LONGEST = 255;

/** @throws Problem 422 when it is too long */
export function submissionKey(header: string | string[] | undefined): string | undefined {
  const key = header?.toString().trim();
  if (key && key.length > LONGEST) {
    throw invalidFields([{ pointer: '', detail: `The Idempotency-Key has more than ${LONGEST} characters` }]);
  }
  return key || undefined;
}

const PRINTABLE = /^[\x20-\x7e]+$/;

/** The key of a request that an incident's run carries out. @throws Problem 422 when it cannot name one */
export function requestKey(header: string | string[] | undefined): string | undefined {
  const key = header?.toString().trim();
  if (!key) return undefined;
  if (key.length <= LONGEST && PRINTABLE.test(key)) return key;
  const detail = `The Idempotency-Key must have at most ${LONGEST} characters, all of them printable ASCII`;
  throw invalidFields([{ pointer: '', detail }]);
}

/** A key is one part of action keys, which have slashes between their parts. */
export function requestIdOf(key: string): string {
  return key.replaceAll('%', '%25').replaceAll('/', '%2F');
}
