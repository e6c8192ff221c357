import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offHours } from '../../../domain/working-hours';
import type { WorkingHours } from '../../../domain/site';

const DAYS: WorkingHours = {
  timezone: 'Europe/Berlin',
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '07:00',
  to: '19:00',
};
/** Friday's shift ends on Saturday morning. */
const NIGHTS: WorkingHours = { ...DAYS, from: '22:00', to: '06:00' };

const cases: [what: string, hours: WorkingHours | null, at: string, off: string | undefined][] = [
  ['the first minute is worked', DAYS, '2026-11-23T06:00:00Z', undefined],
  ['the minute before it is not', DAYS, '2026-11-23T05:59:59Z', 'Mon 06:59 (Europe/Berlin)'],
  ['the last minute is worked', DAYS, '2026-11-23T17:59:59Z', undefined],
  ['the end itself is not', DAYS, '2026-11-23T18:00:00Z', 'Mon 19:00 (Europe/Berlin)'],
  ['a weekend is not', DAYS, '2026-11-21T11:00:00Z', 'Sat 12:00 (Europe/Berlin)'],
  ['midnight is 00, not 24', DAYS, '2026-11-22T23:00:00Z', 'Mon 00:00 (Europe/Berlin)'],
  ['in summer the clock is one hour on', DAYS, '2026-07-06T05:00:00Z', undefined],
  ['the day is that of the place', { ...DAYS, timezone: 'Pacific/Auckland' }, '2026-11-22T20:00:00Z', undefined],
  ['with nothing said nothing is off hours', null, '2026-11-21T02:00:00Z', undefined],
  ['a shift over midnight is worked before it', NIGHTS, '2026-11-23T22:00:00Z', undefined],
  ['and after it', NIGHTS, '2026-11-24T04:59:00Z', undefined],
  ['and ends', NIGHTS, '2026-11-24T05:00:00Z', 'Tue 06:00 (Europe/Berlin)'],
  ['it belongs to the day on which it begins', NIGHTS, '2026-11-21T03:00:00Z', undefined],
  ['so Monday begins without one', NIGHTS, '2026-11-23T03:00:00Z', 'Mon 04:00 (Europe/Berlin)'],
  ['and no shift begins on Saturday', NIGHTS, '2026-11-21T22:00:00Z', 'Sat 23:00 (Europe/Berlin)'],
  ["Sunday's shift ends on Monday", { ...NIGHTS, days: ['sun'] }, '2026-11-23T03:00:00Z', undefined],
];
for (const [what, hours, at, off] of cases) {
  test(`working hours: ${what}`, () => assert.equal(offHours(at, hours), off));
}
