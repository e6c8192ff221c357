import { isPublicDomain, normaliseHostname } from './hostnames';
import { isPublicIp, ipFlags, normaliseCidr, normaliseIp } from './network';
import { normaliseEmail, normaliseHash, normaliseLink } from './normalise';
import type { ObservableType } from './observable';
import { refang } from './refang';

/** A value found in free text, normalised. */
export interface Found {
  type: ObservableType;
  value: string;
}

/** Text beyond this is not searched; it is kept with the alert. */
export const SEARCHED_CHARACTERS = 1024 * 1024;

/** Anchored on `://` and bounded, so that no input makes it look at a character more than a fixed number of times. */
const LINK = /(?<![a-z0-9])[a-z][a-z0-9+.-]{1,15}:\/\/[^\s"'<>`{}|\\^]{1,9000}/gi;
/** What stands between words; colons, dots, slashes and brackets belong to addresses. */
const BETWEEN = /[\s"'`<>{}|^,;=!*&]+/;
/** Two colons may begin an IPv6 address. */
const EDGE_LEFT = /^(?:[([./-]|:(?!:)){1,8}/;
const EDGE_RIGHT = /[)\].:?/-]{1,8}$/;
const LONGEST_TOKEN = 2048;

/** Top-level domains that are file name endings first: such names count in domain fields and links only. */
const FILE_ENDINGS = new Set([
  'zip',
  'mov',
  'sh',
  'py',
  'pl',
  'rs',
  'md',
  'ps',
  'so',
  'cab',
  'cc',
  'app',
  'am',
  'name',
]);
/** Names of programs and libraries that end like domains. */
const NO_DOMAINS = new Set(['asp.net', 'vb.net', 'ado.net', 'system.net', 'system.io', 'microsoft.net', 'command.com']);
/** A hash behind one of these words is none of a file. */
const OTHER_HASH =
  /^(?:imphash|authentihash|ssdeep|tlsh|vhash|ja3s?|ja4|jarm|commit|rev|revision|thumbprint|fingerprint|serial|session|uuid|guid|id|etag|nonce)$/i;

/**
 * The observables that stand in free text: defanged or not, links, addresses with and without port, host names with a
 * public suffix, mail addresses, file hashes; in order of appearance, with repetitions. Runs in linear time.
 */
export function observablesInText(text: string): Found[] {
  const readable = refang(text.slice(0, SEARCHED_CHARACTERS));
  const links: Found[] = [];
  const rest = readable.replace(LINK, (match) => {
    links.push(...fromLink(match.replace(/[).,;:!?\]]{1,8}$/, (edge) => (edge.startsWith(']') ? ']' : ''))));
    return ' ';
  });
  const found: Found[] = [];
  let label = '';
  for (const token of rest.split(BETWEEN)) {
    if (token.length <= LONGEST_TOKEN) found.push(...fromToken(token, label));
    if (token !== '') label = token.replace(/[^a-z0-9]{1,4}$/i, '');
  }
  return [...links, ...found];
}

function fromHost(host: string): Found[] {
  if (normaliseIp(host) !== undefined) return [{ type: 'ip', value: host }];
  return isPublicDomain(host) ? [{ type: 'domain', value: host }] : [];
}

/** A link and the host it leads to. */
export function fromLink(text: string): Found[] {
  const link = normaliseLink(text);
  if (!link) return [];
  return link.url === undefined ? fromHost(link.host) : [{ type: 'url', value: link.url }, ...fromHost(link.host)];
}

function fromToken(token: string, label: string): Found[] {
  const bare = token.replace(EDGE_LEFT, '').replace(EDGE_RIGHT, '');
  if (bare.length < 4) return [];
  const tail = bare.slice(bare.lastIndexOf(':') + 1);
  if (/^[0-9a-f]{32,64}$/i.test(tail)) return fromHash(tail, tail === bare ? label : bare.slice(0, -tail.length - 1));
  if (bare.includes('@')) return fromEmail(bare);
  const dot = bare.indexOf('.');
  return bare.includes(':') && (dot < 0 || dot > bare.lastIndexOf(':')) ? fromColons(bare) : fromDots(bare);
}

function fromHash(text: string, label: string): Found[] {
  const hash = normaliseHash(text);
  return hash && !OTHER_HASH.test(label) ? [hash] : [];
}

function fromEmail(text: string): Found[] {
  const value = normaliseEmail(text);
  return value !== undefined && isPublicDomain(value.slice(value.lastIndexOf('@') + 1))
    ? [{ type: 'email', value }]
    : [];
}

/** Times of day, MAC addresses and C++ names look like IPv6; only what is routed somewhere counts. */
function fromColons(text: string): Found[] {
  const inner = /^([^\]]{2,60})\]:\d{1,5}$/.exec(text)?.[1] ?? text;
  const address = normaliseIp(inner.replace(/^ipv6:/i, ''));
  if (address === undefined) return [];
  const routed = isPublicIp(address) || ipFlags(address, { own_ranges: [] }).includes('private');
  return routed ? [{ type: 'ip', value: address }] : [];
}

/** `1.2.3.4`, `1.2.3.4:443`, `evil.com`, `evil.com:8080`, `evil.com/path` and `evil.com/1.2.3.4` (two indicators). */
function fromDots(text: string): Found[] {
  const slash = text.indexOf('/');
  const [host = '', port] = (slash < 0 ? text : text.slice(0, slash)).replace(/^ipv4:/i, '').split(':');
  if (port !== undefined && !(Number(port) <= 65_535)) return [];
  const hosts = fromBareHost(host);
  const path = slash < 0 ? '' : text.slice(slash + 1);
  if (hosts.length === 0 || path === '') return hosts;
  const cidr = /^\d{1,3}$/.test(path) ? normaliseCidr(text) : undefined;
  if (/^\d{1,3}$/.test(path) && hosts[0]?.type === 'ip') return cidr === host ? hosts : [];
  const second = normaliseIp(path);
  return second === undefined ? fromLink(text) : [...hosts, { type: 'ip', value: second }];
}

function fromBareHost(host: string): Found[] {
  const address = normaliseIp(host);
  if (address !== undefined) return [{ type: 'ip', value: address }];
  if (!host.includes('.') || host.length > 255) return [];
  const name = normaliseHostname(host);
  if (name === undefined || !isPublicDomain(name) || NO_DOMAINS.has(name)) return [];
  const labels = name.split('.');
  return FILE_ENDINGS.has(labels[labels.length - 1] ?? '') ? [] : [{ type: 'domain', value: name }];
}
