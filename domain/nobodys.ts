import ipaddr from 'ipaddr.js';
import { normaliseIp } from './network';

/** What is written where nothing is known, or what every machine has: two that say it have nothing in common. */
const NOBODYS: ReadonlySet<string> = new Set([
  ...['localhost', 'localhost.localdomain', 'unknown', 'undefined', 'null', '(null)', 'nil', 'none', 'nan'],
  ...['-', '--', '.', '*', '?', 'n/a', 'na', 'any', 'not available', 'not applicable', 'empty', 'other'],
]);

export function isNobodys(value: string): boolean {
  const bare = value.trim().toLowerCase();
  return bare === '' || NOBODYS.has(bare);
}

/** Ranges of which every machine may have, or name, an address. */
const EVERYBODYS = new Set(['unspecified', 'broadcast', 'multicast', 'linkLocal', 'loopback']);

/** The one spelling of an address that means one machine; undefined for `127.0.0.1`, `0.0.0.0` and what is none. */
export function somebodysIp(text: string | undefined): string | undefined {
  const ip = text === undefined ? undefined : normaliseIp(text);
  return ip === undefined || EVERYBODYS.has(ipaddr.parse(ip).range()) ? undefined : ip;
}
