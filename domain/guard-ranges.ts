import ipaddr from 'ipaddr.js';

const DOT = 46;
const ZERO = 48;
const NINE = 57;

/** An IPv4 address as a number. */
function parseV4(text: string): number | undefined {
  let address = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === DOT && digits > 0) {
      address = address * 256 + octet;
      octet = digits = 0;
      dots++;
    } else if (code >= ZERO && code <= NINE && digits < 3) {
      octet = octet * 10 + code - ZERO;
      digits++;
      if (octet > 255) return undefined;
    } else return undefined;
  }
  return dots === 3 && digits > 0 ? address * 256 + octet : undefined;
}

function parseV6(text: string): bigint | undefined {
  if (!ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.IPv6.parse(text).parts.reduce((sum, part) => (sum << 16n) | BigInt(part), 0n);
}

function networkV4(address: number, bits: number): number {
  const size = 2 ** (32 - bits);
  return address - (address % size);
}

function networkV6(address: bigint, bits: number): bigint {
  const hostBits = BigInt(128 - bits);
  return (address >> hostBits) << hostBits;
}

function lastV4(network: number, bits: number): number {
  return network + 2 ** (32 - bits) - 1;
}

function lastV6(network: bigint, bits: number): bigint {
  return network + (1n << BigInt(128 - bits)) - 1n;
}

function showV4(network: number): string {
  return [24, 16, 8, 0].map((shift) => (network >>> shift) & 255).join('.');
}

function showV6(network: bigint): string {
  const parts = Array.from({ length: 8 }, (_, index) => Number((network >> BigInt(16 * (7 - index))) & 0xffffn));
  return new ipaddr.IPv6(parts).toString();
}

/** Address and prefix length of `10.0.0.0/8` or `10.0.0.1`. */
function split(text: string, most: number): { address: string; bits: number } | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return { address: text, bits: most };
  const bits = Number(text.slice(slash + 1));
  return Number.isInteger(bits) && bits >= 1 && bits <= most ? { address: text.slice(0, slash), bits } : undefined;
}

/** Ranges of one IP version by prefix length. */
interface Family<N> {
  most: number;
  parse: (text: string) => N | undefined;
  network: (address: N, bits: number) => N;
  show: (network: N) => string;
  /** The last address of a range. */
  last: (network: N, bits: number) => N;
}

const V4: Family<number> = { most: 32, parse: parseV4, network: networkV4, show: showV4, last: lastV4 };
const V6: Family<bigint> = { most: 128, parse: parseV6, network: networkV6, show: showV6, last: lastV6 };

/** Addresses and CIDR ranges. */
export interface RangeSet {
  /** The narrowest entry that holds the address or the whole range, as it is spelled in a list. */
  holding: (text: string) => string | undefined;
  /** The first entry that lies in the range; the first time it is asked costs as much as all entries. */
  within: (range: string) => string | undefined;
}

/** A range by its first address. */
interface Range<N> {
  start: N;
  bits: number;
}

function readRange<N>({ most, parse, network }: Family<N>, text: string): Range<N> | undefined {
  const range = split(text, most);
  const address = range && parse(range.address);
  if (range === undefined || address === undefined) return undefined;
  return { start: network(address, range.bits), bits: range.bits };
}

function spelled<N>({ most, show }: Family<N>, { start, bits }: Range<N>): string {
  return bits === most ? show(start) : `${show(start)}/${bits}`;
}

function createHolding<N>(family: Family<N>, entries: readonly string[]): RangeSet['holding'] {
  const networks = new Map<number, Set<N>>();
  for (const entry of entries) {
    const range = readRange(family, entry);
    if (range === undefined) continue;
    let all = networks.get(range.bits);
    if (!all) networks.set(range.bits, (all = new Set()));
    all.add(range.start);
  }
  const narrowFirst = [...networks].sort(([a], [b]) => b - a);
  return (text) => {
    const range = readRange(family, text);
    if (range === undefined) return undefined;
    for (const [bits, all] of narrowFirst) {
      const start = bits <= range.bits ? family.network(range.start, bits) : undefined;
      if (start !== undefined && all.has(start)) return spelled(family, { start, bits });
    }
    return undefined;
  };
}

/** Ranges lie in one another or apart: what begins in a range and is no wider lies in it. */
function createWithin<N extends number | bigint>(family: Family<N>, entries: readonly string[]): RangeSet['within'] {
  const narrowest = new Map<N, number>();
  for (const entry of entries) {
    const range = readRange(family, entry);
    if (range) narrowest.set(range.start, Math.max(range.bits, narrowest.get(range.start) ?? 0));
  }
  const starts = [...narrowest.keys()].sort((a, b) => (a < b ? -1 : 1));
  return (text) => {
    const range = readRange(family, text);
    if (range === undefined) return undefined;
    const last = family.last(range.start, range.bits);
    for (let at = firstFrom(starts, range.start); at < starts.length; at += 1) {
      const start = starts[at];
      if (start === undefined || start > last) return undefined;
      const bits = narrowest.get(start) ?? 0;
      if (bits >= range.bits) return spelled(family, { start, bits });
      // only a wider one that begins where the range does: there is one at most
    }
    return undefined;
  };
}

/** Place of the first that is no less, among sorted ones. */
function firstFrom<N extends number | bigint>(sorted: readonly N[], least: N): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    const value = sorted[middle];
    if (value !== undefined && value < least) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Made when it is asked for the first time. */
function lazily<F extends (text: string) => string | undefined>(make: () => F): (text: string) => string | undefined {
  let made: F | undefined;
  return (text) => (made ??= make())(text);
}

/**
 * Single addresses as they are spelled, since the list of open resolvers alone has 60,000; ranges by prefix length, so that
 * a look-up costs one search per length and not one per entry. Entries that are no ranges hold nothing.
 */
export function createRangeSet(entries: readonly string[]): RangeSet {
  const singles = new Set(entries);
  const isV6 = (text: string): boolean => text.includes(':');
  const [v4Entries, v6Entries] = [entries.filter((entry) => !isV6(entry)), entries.filter(isV6)];
  const isRange = (text: string): boolean => text.includes('/');
  const holdingV4 = createHolding(V4, v4Entries.filter(isRange));
  const holdingV6 = createHolding(V6, v6Entries.filter(isRange));
  const withinV4 = lazily(() => createWithin(V4, v4Entries));
  const withinV6 = lazily(() => createWithin(V6, v6Entries));
  return {
    holding: (text) => (singles.has(text) ? text : (isV6(text) ? holdingV6 : holdingV4)(text)),
    within: (text) => (isV6(text) ? withinV6 : withinV4)(text),
  };
}
