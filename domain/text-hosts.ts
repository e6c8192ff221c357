import { addressOf, HIGHEST_PORT, splitEndpoint } from './endpoint';
import { isPublicDomain, normaliseHostname, registeredDomain } from './hostnames';
import { inRanges, normaliseCidr, normaliseIp } from './network';
import { fromLink, type Found } from './text-links';
import type { Word } from './text-words';

/** What is known of the word that is read. */
export interface Reading extends Pick<Word, 'isName' | 'link'> {
  /** Names that were defanged, by their last two labels. */
  defanged: ReadonlySet<string>;
}

/** `client:outside:1.2.3.4` has two. */
export const MOST_LABELS = 3;

/** Top-level domains that are file name endings first: such names count in fields, in links and where they are defanged. */
const FILE_ENDINGS = new Set([
  ...[
    'zip',
    'mov',
    'sh',
    'py',
    'pl',
    'pm',
    'rs',
    'md',
    'ps',
    'so',
    'cab',
    'cc',
    'app',
    'am',
    'name',
    'pub',
    'inc',
    'mk',
  ],
]);
/** Top-level domains that are what fields are called: `"event.id": 4` names no host. */
const FIELD_ENDINGS = new Set([
  ...[
    'id',
    'name',
    'author',
    'city',
    'family',
    'to',
    'at',
    'is',
    'in',
    'by',
    'events',
    'group',
    'host',
    'link',
    'network',
  ],
  ...[
    'security',
    'zone',
    'date',
    'map',
    'page',
    'target',
    'run',
    'total',
    'team',
    'company',
    'contact',
    'domains',
    'email',
  ],
  ...['exchange', 'channel', 'call', 'management', 'services', 'systems', 'media', 'report', 'software'],
]);
/** Names of programs and libraries that end like domains. */
const NO_DOMAINS = new Set(['asp.net', 'vb.net', 'ado.net', 'system.net', 'system.io', 'microsoft.net', 'command.com']);
/**
 * Times of day, MAC addresses and names of C++ look like IPv6. What may be routed somewhere does not: global unicast,
 * wrapped IPv4, unique local, link-local.
 */
const LIKELY_IPV6 = ['2000::/3', '64:ff9b::/32', 'fc00::/7', 'fe80::/10'];
const PROTOCOL = /^(?:tcp|udp|sctp|icmp|tls|ssl)$/i;
const VERSION_LABEL = /(?:version|build|release)$/i;

/**
 * `1.2.3.4`, `1.2.3.4:443`, `evil.com`, `evil.com:8080`, `evil.com/path`, `evil.com/1.2.3.4` (two indicators), each with
 * labels in front: `src:1.2.3.4`.
 */
export function fromHostOrLink(text: string, reading: Reading, labels = MOST_LABELS): Found[] {
  const end = text.search(/[/?]/);
  const head = end < 0 ? text : text.slice(0, end);
  const hosts = fromEndpoint(head, reading);
  const [host] = hosts;
  if (host !== undefined && end < 0) return hosts;
  if (host?.type === 'ip' && isRange(host.value, text.slice(end + 1), labels < MOST_LABELS)) return [];
  if (host !== undefined) return fromTail(host, text, end, reading);
  const behind = end > 0 ? splitEndpoint(text.slice(end + 1)) : undefined;
  const address = behind === undefined ? undefined : normaliseIp(behind.host);
  // a browser's version (`Chrome/120.0.0.0`) has no port, and a browser no dot
  if (address !== undefined && (behind?.port !== undefined || head.includes('.')))
    return [{ type: 'ip', value: address }];
  return labels > 0 ? behindLabel(text, reading, labels) : [];
}

/** One letter in front of a colon is a drive. */
function behindLabel(text: string, reading: Reading, labels: number): Found[] {
  const colon = text.indexOf(':');
  const label = text.slice(0, colon);
  if (colon < 2 || VERSION_LABEL.test(label)) return [];
  return [...fromEndpoint(label, reading), ...fromHostOrLink(text.slice(colon + 1), reading, labels - 1)];
}

/**
 * A range is not one address to ask about, unless it has only one. Firewalls write a port like the length of a range
 * (`outside:1.2.3.4/22`): behind a label, and with bits that a range would not have.
 */
function isRange(address: string, length: string, labelled: boolean): boolean {
  const range = normaliseCidr(`${address}/${length}`);
  if (range === undefined) return Number(length || NaN) === 0;
  return range !== address && (!labelled || range === `${address}/${length}`);
}

function fromTail(host: Found, text: string, end: number, reading: Reading): Found[] {
  const tail = text.slice(end + 1);
  const isPort = host.type === 'ip' && /^\d{1,5}$/.test(tail) && Number(tail) <= HIGHEST_PORT;
  if (tail === '' || isPort || (host.type === 'ip' && PROTOCOL.test(tail))) return [host];
  const second = addressOf(tail);
  if (second !== undefined) return [host, { type: 'ip', value: second }];
  const isQuery = text.includes('?');
  const whole = isQuery ? reading.link() : '';
  const from = whole.indexOf(text);
  return fromLink(from < 0 ? text : whole.slice(from).replace(/[).,;:!?\]]{1,8}$/, ''));
}

/** An address, or a host name with a public suffix, with or without a port. */
export function fromEndpoint(text: string, reading: Reading): Found[] {
  const host = splitEndpoint(text)?.host;
  if (host === undefined) return [];
  const address = normaliseIp(host);
  if (address === undefined) return fromName(host, reading);
  return !address.includes(':') || inRanges(address, LIKELY_IPV6) ? [{ type: 'ip', value: address }] : [];
}

function fromName(text: string, { isName, defanged }: Reading): Found[] {
  if (!text.includes('.') || text.length > 255) return [];
  const name = normaliseHostname(text);
  if (name === undefined || !isPublicDomain(name) || NO_DOMAINS.has(name)) return [];
  const registered = registeredDomain(name);
  const end = name.slice(name.lastIndexOf('.') + 1);
  // nobody can register a name with an underscore
  if (registered.includes('_') || (isName && FIELD_ENDINGS.has(end))) return [];
  const isPlain = registered.split('.').length === 2 && !name.startsWith('www.') && !defanged.has(registered);
  return isPlain && FILE_ENDINGS.has(end) ? [] : [{ type: 'domain', value: name }];
}
