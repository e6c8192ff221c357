import type { z } from 'zod';
import type { FieldError } from './problems';

type Issue = z.core.$ZodIssue;

/** Where the fields of a schema stand in the request: decides how they are named. */
export type FieldPlace = 'body' | 'query';

/** Every offending field of a parse that failed and reports its input, each named once per reason. */
export function fieldErrors(error: z.ZodError, place: FieldPlace): FieldError[] {
  return error.issues.flatMap((issue) => fromIssue(issue, place));
}

function fromIssue(issue: Issue, place: FieldPlace): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    const detail = place === 'query' ? 'This call knows no such parameter' : 'This call knows no such field';
    return issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key], place), detail }));
  }
  const detail = isMissing(issue) ? 'Is needed' : withoutPrefix(issue.message);
  return [{ pointer: pointerTo(issue.path, place), detail }];
}

/** A choice that is missing is better told by what there is to choose from. */
function isMissing(issue: Issue): boolean {
  return issue.code === 'invalid_type' && issue.path.length > 0 && 'input' in issue && issue.input === undefined;
}

function pointerTo(path: PropertyKey[], place: FieldPlace): string {
  const names = path.map(String);
  // A query has no depth: the second "status" of a comma list is still the parameter "status".
  if (place === 'query') return `?${names[0] ?? ''}`;
  return names.map((name) => `/${name.replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');
}

function withoutPrefix(message: string): string {
  const plain = message.replace(/^Invalid (input|option): /, '');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
