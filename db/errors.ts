import type { Refusal } from '../domain/acts';

/** Thrown when a run writes for an incident that another run has claimed since. */
export class ClaimLostError extends Error {
  constructor(incidentId: string, runNo: number) {
    super(`Run ${runNo} has lost its claim on ${incidentId}`);
    this.name = 'ClaimLostError';
  }
}

/** Thrown when a run, or a person, speaks of an incident that is not there. */
export class NoSuchIncidentError extends Error {
  constructor(incidentId: string) {
    super(`There is no incident ${incidentId}`);
    this.name = 'NoSuchIncidentError';
  }
}

/** Thrown when what somebody asks for is not done, as the incident stands or in no case. */
export class ActRefusedError extends Error {
  constructor(
    readonly type: Refusal['type'],
    message: string,
  ) {
    super(message);
    this.name = 'ActRefusedError';
  }
}

/** Thrown when an incident has changed since whoever acts has seen it. */
export class VersionMismatchError extends Error {
  constructor(incidentId: string) {
    super(`${incidentId} has changed since it was read`);
    this.name = 'VersionMismatchError';
  }
}

/** Thrown when a cursor does not belong to the list it is used with. */
export class InvalidCursorError extends Error {
  constructor() {
    super('The cursor does not belong to this list; start again without it');
    this.name = 'InvalidCursorError';
  }
}

/** Thrown when a key that is not revoked has the name already. */
export class KeyNameTakenError extends Error {
  constructor(name: string) {
    super(`There is a key ${name} already`);
    this.name = 'KeyNameTakenError';
  }
}

/** Thrown when somebody else has gone on with an import that a worker had in hand. */
export class ImportTakenError extends Error {
  constructor(importId: string) {
    super(`Somebody else works on ${importId}`);
    this.name = 'ImportTakenError';
  }
}

/** A deadlock, a lock that took too long, or (MariaDB's snapshot isolation) a row changed under the transaction. */
const CONFLICTS = new Set([1213, 1205, 1020]);

/** What drivers and servers say when the database cannot be reached or is going down. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
  'PROTOCOL_ENQUEUE_AFTER_QUIT',
  'ER_SERVER_SHUTDOWN',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_QUERY_INTERRUPTED',
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_READ_ONLY_MODE',
]);

/** As those, for what only one of the databases says: a killed session (MariaDB), one closed for idleness (MySQL). */
const UNREACHABLE_NUMBERS = new Set([1927, 4031]);

interface DriverError {
  code?: string;
  errno?: number;
  name?: string;
  message?: string;
  sqlMessage?: string;
  nativeError?: unknown;
}

/** The driver's own error, out of the wrapping that Objection puts around it. */
function driverError(error: unknown): DriverError {
  if (typeof error !== 'object' || error === null) return {};
  const wrapped = error as DriverError;
  return wrapped.nativeError ? driverError(wrapped.nativeError) : wrapped;
}

export function isDuplicateKey(error: unknown): boolean {
  return driverError(error).errno === 1062;
}

/** A conflict between transactions: rolled back, the same transaction may well succeed. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(driverError(error).errno ?? 0);
}

/** The database is not there right now: nothing is wrong with what was asked. */
export function isUnavailable(error: unknown): boolean {
  const { code, errno, name, message } = driverError(error);
  return (
    UNREACHABLE.has(code ?? '') ||
    UNREACHABLE_NUMBERS.has(errno ?? 0) ||
    name === 'KnexTimeoutError' ||
    /Connection lost|closed state|Server shutdown/i.test(message ?? '')
  );
}

/** Trying again, later and unchanged, may succeed. */
export function isTransient(error: unknown): boolean {
  return isConflict(error) || isUnavailable(error);
}

/** What an operator needs of a database error, and nothing of the data it was about. */
export function databaseErrorText(error: unknown): string | undefined {
  const { code, errno, sqlMessage } = driverError(error);
  if (code === undefined && errno === undefined) return undefined;
  return `Database error ${code ?? errno}${sqlMessage ? `: ${sqlMessage.slice(0, 200)}` : ''}`;
}
