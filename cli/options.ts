import { InvalidArgumentError } from 'commander';
import { duration } from '../config/fields';
import { LONGEST_SUPPRESSION_DAYS } from '../domain/suppression';

/** Reads a flag's value. @throws InvalidArgumentError */
export function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It is not a number of seconds.');
  return value;
}

const DAY_MS = 86_400_000;

/** Reads for how long a suppression holds, such as `12h` or `30d`, as ms. @throws InvalidArgumentError */
export function suppressionSpan(text: string): number {
  const { data } = duration.safeParse(text);
  if (data && data <= LONGEST_SUPPRESSION_DAYS * DAY_MS) return data;
  throw new InvalidArgumentError(`It is not a time such as 12h or 30d, of at most ${LONGEST_SUPPRESSION_DAYS}d.`);
}
