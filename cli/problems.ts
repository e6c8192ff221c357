import { ApiProblemError, ApiUnreachableError } from './http';
import { CliError, EXIT, messageOf, type ExitCode } from './errors';
import { clean } from './text';

/** A failure in one line, with every offending field. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof ApiProblemError)) return clean(messageOf(error));
  const fields = error.problem.errors?.map(({ pointer, detail }) => `${pointer || '(document)'} ${detail}`) ?? [];
  return clean([`${error.status} ${error.message}`, ...fields].join('; '));
}

/** A failure as the lines to show: what happened, every field of a problem document, what to do. */
export function failureLines(error: unknown): string[] {
  if (error instanceof ApiProblemError) {
    const { problem, status } = error;
    const title = problem.title && problem.title !== error.message ? `${problem.title}: ` : '';
    const fields = problem.errors?.map(({ pointer, detail }) => `  ${pointer || '(document)'}  ${detail}`) ?? [];
    const hint = hintFor(error);
    return [`${status} ${title}${error.message}`, ...fields, ...(hint ? [hint] : [])].map(cleanKeepingIndent);
  }
  if (error instanceof ApiUnreachableError) {
    return [
      `The SOAR API does not answer at ${error.url} (${clean(messageOf(rootCause(error)))}).`,
      'Start it with `npm start` (or `npm run demo`), or set SOAR_URL to one that runs elsewhere.',
    ];
  }
  if (error instanceof CliError) return error.hint ? [clean(error.message), error.hint] : [clean(error.message)];
  return [clean(messageOf(error))];
}

/** A failure as data, for `--json`: one object, of which every member is always there. */
export function failureData(error: unknown): { error: Record<string, unknown> } {
  const refused = error instanceof ApiProblemError;
  const [message = '', ...more] = refused ? [error.message, hintFor(error) ?? ''] : failureLines(error);
  return {
    error: {
      message,
      hint: more.filter(Boolean).join(' ') || null,
      exit_code: exitCodeOf(error),
      problem: refused ? error.problem : null,
    },
  };
}

export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof CliError ? error.exitCode : EXIT.failure;
}

function hintFor({ status, problem }: ApiProblemError): string | undefined {
  if (status === 401) return 'The key is missing or not valid: set SOAR_API_KEY, or read it from <SOAR_HOME>/api-key.';
  if (status === 403) return 'The key is valid, but its role may not do this.';
  if (problem.type?.endsWith('#problem-not-allowed')) return 'What may be done from which status: docs/casework.md.';
  if (status === 412) return 'Somebody was faster: look at it with `soar incident INC-…`, and decide anew.';
  if (status === 503)
    return 'The API cannot reach its database or the engine now; nothing was lost. `soar doctor` says more.';
  return undefined;
}

function cleanKeepingIndent(line: string): string {
  return line.startsWith('  ') ? `  ${clean(line.slice(2))}` : clean(line);
}

function rootCause(error: Error): unknown {
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}
