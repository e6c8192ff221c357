import { turned, type Reading } from './readings';

/** What Windows runs its own services as: it names no one whose password could be lost. */
const OF_THE_SYSTEM =
  /^(?:(?:nt authority|nt-autorität|autorite nt)\\)?(?:system|local ?system|(?:local|network) ?service)$/i;

/** The accounts of people and of what people run; none of the operating system's own. */
export function account(reading: Reading): Reading {
  return turned(reading, (value) => (OF_THE_SYSTEM.test(String(value).trim()) ? undefined : value));
}
