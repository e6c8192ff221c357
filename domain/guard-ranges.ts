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
}

const V4: Family<number> = { most: 32, parse: parseV4, network: networkV4, show: showV4 };
const V6: Family<bigint> = { most: 128, parse: parseV6, network: networkV6, show: showV6 };

/** Addresses and CIDR ranges. */
export interface RangeSet {
  /** The narrowest entry that holds the address or the whole range, as it is spelled in a list. */
  holding: (text: string) => string | undefined;
}

function createFamily<N>(family: Family<N>, entries: readonly string[]): RangeSet {
  const { most, parse, network, show } = family;
  const networks = new Map<number, Set<N>>();
  for (const entry of entries) {
    const range = split(entry, most);
    const address = range && parse(range.address);
    if (range === undefined || address === undefined) continue;
    let all = networks.get(range.bits);
    if (!all) networks.set(range.bits, (all = new Set()));
    all.add(network(address, range.bits));
  }
  const narrowFirst = [...networks].sort(([a], [b]) => b - a);
  return {
    holding(text) {
      const range = split(text, most);
      const address = range && parse(range.address);
      if (range === undefined || address === undefined) return undefined;
      for (const [bits, all] of narrowFirst) {
        const wanted = network(address, bits);
        if (bits <= range.bits && all.has(wanted)) return bits === most ? show(wanted) : `${show(wanted)}/${bits}`;
      }
      return undefined;
    },
  };
}

/**
 * Single addresses as they are spelled, since the list of open resolvers alone has 60,000; ranges by prefix length, so that
 * a look-up costs one search per length and not one per entry. Entries that are no ranges hold nothing.
 */
export function createRangeSet(entries: readonly string[]): RangeSet {
  const singles = new Set(entries);
  const ranges = entries.filter((entry) => entry.includes('/'));
  const v4 = createFamily(
    V4,
    ranges.filter((entry) => !entry.includes(':')),
  );
  const v6 = createFamily(
    V6,
    ranges.filter((entry) => entry.includes(':')),
  );
  return {
    holding: (text) => (singles.has(text) ? text : (text.includes(':') ? v6 : v4).holding(text)),
  };
}
