import { isTransient } from '../db/errors';
import { Problem, unavailable } from './problems';

/** What a caller is told of a failure; nothing of how the inside looks. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isTransient(error)) {
    return unavailable('The database does not answer. Nothing was stored; try again.', error);
  }
  if (error instanceof URIError) {
    return new Problem('malformed-request', 'The percent-encoding of the URL is broken.', { cause: error });
  }
  return new Problem('internal', 'Something failed on the server. The log has it under this request_id.', {
    cause: error,
  });
}
