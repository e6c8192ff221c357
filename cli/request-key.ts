import { randomUUID } from 'node:crypto';
import { UsageError } from './errors';

/** Headers hold nothing else; the API refuses longer ones. */
const USABLE = /^[\x21-\x7e]{1,255}$/;

/**
 * Names a request, so that it is safe to ask once more when no answer has come in time.
 * @throws UsageError when the given key cannot be sent
 */
export function requestKey(given: string | undefined): string {
  const key = given ?? randomUUID();
  if (USABLE.test(key)) return key;
  throw new UsageError('The idempotency key must have 1 to 255 printable ASCII characters, and no spaces.');
}
