import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A step of the bring-up that cannot go on, told so that its reader can mend it. */
export class StackError extends Error {
  /** Log file whose last lines say more. */
  readonly log: string | undefined;
  /** What to do, one line each; a line that goes on from the one before starts with two spaces. */
  readonly advice: string[];

  constructor(message: string, options: { log?: string; advice?: string[]; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'StackError';
    this.log = options.log;
    this.advice = options.advice ?? [];
  }
}

/** The last lines of a text file; empty when there is no such file. Reads at most its last 64 KiB. */
export function tail(file: string, lines = 20): string[] {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(handle);
    const buffer = Buffer.alloc(Math.min(size, 65_536));
    readSync(handle, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8').trimEnd().split('\n').slice(-lines);
  } finally {
    closeSync(handle);
  }
}

/** What failed, the last lines of its log, and what to do, as text for a terminal. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof StackError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const parts = [error.message];
  if (error.cause instanceof Error) parts.push(`  ${error.cause.message}`);
  if (error.log !== undefined) {
    const last = tail(error.log).filter((line) => line !== '');
    if (last.length > 0) parts.push(`\n  last lines of ${error.log}:`, ...last.map((line) => `  | ${line}`));
  }
  if (error.advice.length > 0)
    parts.push('\n  What to do:', ...error.advice.map((line) => (line.startsWith(' ') ? `  ${line}` : `  - ${line}`)));
  return parts.join('\n');
}
