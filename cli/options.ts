import { InvalidArgumentError } from 'commander';

/** Reads a flag's value. @throws InvalidArgumentError */
export function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It is not a number of seconds.');
  return value;
}

/** As {@link seconds}. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is not a whole number above 0.');
  return Number(text);
}
