/** The kinds of refusal this API knows. The key is the anchor of its section in `/docs`. */
export const PROBLEM_KINDS = {
  'malformed-request': { status: 400, title: 'The request cannot be read' },
  unauthenticated: { status: 401, title: 'A valid API key is required' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'This path does not know the method' },
  'no-playbook': { status: 409, title: 'The incident has no playbook' },
  'nothing-to-retry': { status: 409, title: 'There is nothing to ask again' },
  'not-allowed': { status: 409, title: 'The incident does not allow that as it stands' },
  'not-mergeable': { status: 409, title: 'The incidents cannot be merged' },
  'not-splittable': { status: 409, title: 'The alerts cannot be split off' },
  'not-compared': { status: 409, title: 'The re-scoring cannot be applied' },
  'no-feed': { status: 409, title: 'The source has no feed' },
  'version-mismatch': { status: 412, title: 'The incident has changed since it was read' },
  'too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is in a form this call does not read' },
  'invalid-fields': { status: 422, title: 'Fields are missing or not valid' },
  internal: { status: 500, title: 'The server failed' },
  unavailable: { status: 503, title: 'A part the call needs is away' },
} as const;
export type ProblemKind = keyof typeof PROBLEM_KINDS;

/**
 * One offending field. `pointer` is a JSON pointer into the body (`/src_ip`), or `?name` for a query parameter.
 */
export interface FieldError {
  pointer: string;
  detail: string;
}

/** An RFC 9457 problem document. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  request_id: string;
  errors?: FieldError[];
}

export interface ProblemOptions {
  errors?: FieldError[];
  /** Response headers, e.g. `Allow` or `Retry-After`. */
  headers?: Record<string, string>;
  cause?: unknown;
}

/** Thrown by whatever finds a request wrong; the error middleware turns it into the answer. */
export class Problem extends Error {
  readonly status: number;
  readonly errors: FieldError[] | undefined;
  readonly headers: Record<string, string>;

  constructor(
    readonly kind: ProblemKind,
    detail: string,
    options: ProblemOptions = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Problem';
    this.status = PROBLEM_KINDS[kind].status;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
  }
}

/** An answer stays smaller than what it refuses. */
const MOST_ERRORS = 100;
const LONGEST_POINTER = 500;

/** 422 that names every offending field at once, or, of very many, the first hundred. */
export function invalidFields(errors: FieldError[]): Problem {
  const count = errors.length === 1 ? 'One field is' : `${errors.length} fields are`;
  const which = errors.length > MOST_ERRORS ? `"errors" has the first ${MOST_ERRORS}` : 'see "errors"';
  const named = errors
    .slice(0, MOST_ERRORS)
    .map(({ pointer, detail }) => ({ pointer: pointer.slice(0, LONGEST_POINTER), detail }));
  return new Problem('invalid-fields', `${count} not valid; ${which}.`, { errors: named });
}

/** Seconds after which a caller should come back when a part of the system is away. */
export const RETRY_AFTER_SECONDS = 5;

export function unavailable(detail: string, cause?: unknown): Problem {
  return new Problem('unavailable', detail, { headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) }, cause });
}

export function noSuchIncident(id: string): Problem {
  return new Problem('not-found', `There is no incident ${id}.`);
}

export function noSuchChain(chain: string): Problem {
  return new Problem('not-found', `There is no audit chain ${chain}.`);
}

export function noSuchRescore(id: string): Problem {
  return new Problem('not-found', `There is no re-scoring ${id}.`);
}

export function noSuchSuppression(id: string): Problem {
  return new Problem('not-found', `There is no suppression ${id}.`);
}

/** @param source where the entry is there, but not what that one says */
export function noSuchIoc(id: number, source?: string): Problem {
  const what = source === undefined ? `entry ${id} in the IOC database` : `sighting of entry ${id} by ${source}`;
  return new Problem('not-found', `There is no ${what}.`);
}

export function noSuchImport(id: string): Problem {
  return new Problem('not-found', `There is no import ${id}.`);
}

export function noSuchSource(name: string): Problem {
  return new Problem('not-found', `There is no source ${name.slice(0, 200)} with settings.`);
}

/** Neither a failure nor a wait is left that asking again could mend. */
export function nothingToRetry(id: string): Problem {
  return new Problem('nothing-to-retry', `Nothing of ${id} has failed or is waiting.`);
}

/** The answer's body. `instance` is the path without its query, which may hold what a user typed. */
export function problemDocument(problem: Problem, instance: string, requestId: string): ProblemDocument {
  return {
    type: `/docs#problem-${problem.kind}`,
    title: PROBLEM_KINDS[problem.kind].title,
    status: problem.status,
    detail: problem.message,
    instance,
    request_id: requestId,
    ...(problem.errors ? { errors: problem.errors } : {}),
  };
}
