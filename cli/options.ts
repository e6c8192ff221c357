import { InvalidArgumentError } from 'commander';

/** Reads a flag's value. @throws InvalidArgumentError */
export function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It is not a number of seconds.');
  return value;
}
