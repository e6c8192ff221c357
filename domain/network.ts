import ipaddr from 'ipaddr.js';
import type { ObservableFlag } from './observable';
import type { SiteKnowledge } from './site';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Leading zeros are refused: some parsers read them as octal, so 010.0.0.1 is two different addresses. */
const DOTTED_QUAD = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/;
/** Longest text of an address: 39 hex digits and colons, or 45 with an embedded IPv4. */
const LONGEST = 45;

const PRIVATE = new Set(['private', 'carrierGradeNat', 'linkLocal', 'uniqueLocal', 'deprecatedSiteLocal']);
const GLOBAL_V6 = ipaddr.IPv6.parseCIDR('2000::/3');

function parseAddress(text: string): Address | undefined {
  const bare = text
    .trim()
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/s, '');
  if (bare.length > LONGEST) return undefined;
  if (DOTTED_QUAD.test(bare)) return fromOctets(bare.split('.').map(Number));
  if (!bare.includes(':') || !ipaddr.IPv6.isValid(bare)) return undefined;
  const address = ipaddr.IPv6.parse(bare);
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

function fromOctets(octets: number[]): Address | undefined {
  return octets.every((octet) => octet <= 255) ? new ipaddr.IPv4(octets) : undefined;
}

/**
 * The one spelling of an address: compressed lower-case IPv6, IPv4-mapped IPv6 as IPv4, brackets and zone id dropped.
 * Undefined when it is no address.
 */
export function normaliseIp(text: string): string | undefined {
  return parseAddress(text)?.toString();
}

/** The one spelling of a CIDR range (host bits cleared); a range of one address becomes the address. */
export function normaliseCidr(text: string): string | undefined {
  const slash = text.lastIndexOf('/');
  const address = slash > 0 ? parseAddress(text.slice(0, slash)) : undefined;
  const length = text.slice(slash + 1).trim();
  if (!address || !/^\d{1,3}$/.test(length)) return undefined;
  const bits = Number(length);
  const most = address.kind() === 'ipv4' ? 32 : 128;
  if (bits < 1 || bits > most) return undefined;
  if (bits === most) return address.toString();
  const kind = address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${kind.networkAddressFromCIDR(`${address.toString()}/${bits}`).toString()}/${bits}`;
}

/** The first of the ranges (CIDR or single address) that holds the address; ranges that do not parse hold nothing. */
export function rangeHolding(ip: string, ranges: readonly string[]): string | undefined {
  const address = parseAddress(ip);
  if (!address) return undefined;
  return parsedRanges(ranges).find(
    ({ network, bits }) => network.kind() === address.kind() && address.match(network, bits),
  )?.range;
}

interface ParsedRange {
  range: string;
  network: Address;
  bits: number;
}

/** Parsed once for each list: policy and site knowledge are asked about every observable of every round. */
const parsed = new WeakMap<readonly string[], ParsedRange[]>();

function parsedRanges(ranges: readonly string[]): ParsedRange[] {
  let known = parsed.get(ranges);
  if (known === undefined) parsed.set(ranges, (known = ranges.flatMap(parseRange)));
  return known;
}

function parseRange(range: string): ParsedRange[] {
  const normal = range.includes('/') ? normaliseCidr(range) : normaliseIp(range);
  if (normal === undefined) return [];
  const [text = '', bits] = normal.split('/');
  const network = ipaddr.parse(text);
  return [{ range, network, bits: bits === undefined ? network.toByteArray().length * 8 : Number(bits) }];
}

export function inRanges(ip: string, ranges: readonly string[]): boolean {
  return rangeHolding(ip, ranges) !== undefined;
}

/** The IPv4 address that a 6to4 or NAT64 address only wraps: it is as private as what it wraps. */
function wrapped(address: Address): Address {
  if (address.kind() === 'ipv4') return address;
  const bytes = address.toByteArray();
  if (address.range() === '6to4') return new ipaddr.IPv4(bytes.slice(2, 6));
  return address.range() === 'rfc6052' ? new ipaddr.IPv4(bytes.slice(12, 16)) : address;
}

function rangeFlags(address: Address): ObservableFlag[] {
  const range = address.range();
  if (PRIVATE.has(range)) return ['private'];
  if (range !== 'unicast' && !range.startsWith('as112')) return ['reserved'];
  const global = address.kind() === 'ipv4' || address.match(GLOBAL_V6);
  return global ? [] : ['reserved'];
}

/**
 * Why an address must not be sent outside: `private` (RFC 1918, CGNAT, link-local, ULA), `reserved` (loopback,
 * multicast, documentation and all else that is not globally routed), `own` (a range of the site). An address that wraps
 * another one (6to4, NAT64) is what that one is.
 */
export function ipFlags(ip: string, site: Pick<SiteKnowledge, 'own_ranges'>): ObservableFlag[] {
  const address = parseAddress(ip);
  if (!address) return [];
  const inside = wrapped(address);
  const flags = rangeFlags(inside);
  const own = inRanges(ip, site.own_ranges) || inRanges(inside.toString(), site.own_ranges);
  return own ? [...flags, 'own'] : flags;
}

/** True for an address that means something to the outside world. */
export function isPublicIp(ip: string): boolean {
  const address = parseAddress(ip);
  return address !== undefined && rangeFlags(wrapped(address)).length === 0;
}

/** The special range that an address lies in (`loopback`, `multicast`, else `unicast`), and its flags outside of any site. */
export function addressNature(ip: string): { range: string; flags: ObservableFlag[] } | undefined {
  const address = parseAddress(ip);
  const inside = address && wrapped(address);
  return inside && { range: inside.range(), flags: rangeFlags(inside) };
}

/** Where the ranges begin that networks use inside, and that a wider range of public addresses may hold. */
const BEGIN_INSIDE: readonly string[] = ['100.64.0.0', '169.254.0.0', '172.16.0.0', '192.168.0.0'];

/** By which addresses a range is judged: its first, and the first of each range within that is used inside of networks. */
export function addressesOfRange(range: string): string[] {
  const [first = range] = range.split('/', 1);
  return range === first ? [first] : [first, ...BEGIN_INSIDE.filter((each) => inRanges(each, [range]))];
}
