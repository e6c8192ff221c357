import { ALL_ATTRIBUTES } from './guard-list';
import { normaliseIp } from './network';
import { normaliseLink } from './normalise';
import type { Observable, ObservableRole } from './observable';

/** What of an observable is looked for in lists. */
export interface GuardSubject {
  kind: 'address' | 'name' | 'hash';
  text: string;
  /** False for a mail address, and a link with a path, a query or a port: what is known of the host says little of it. */
  whole: boolean;
  /** A link: its fragment, which is not kept, may lead anywhere on its host, so no list shows it to be clean. */
  link: boolean;
  /** MISP attribute types that the observable is one of. */
  attributes: ReadonlySet<string>;
}

const ADDRESS = { source: ['ip-src', 'ip-src|port'], destination: ['ip-dst', 'ip-dst|port'] } as const;
/** MISP splits composites at `|` and tests each half. */
const NAME = ['domain', 'hostname', 'domain|ip', 'hostname|port'] as const;
const LINK = ['url', 'uri', 'link'] as const;
const SENT = ['email', 'email-src', 'email-reply-to', 'whois-registrant-email', 'dns-soa-email'] as const;
const RECEIVED = ['email', 'email-dst', 'target-email'] as const;

function addressAttributes(roles: readonly ObservableRole[]): string[] {
  const inbound = roles.length > 0 && roles.every((role) => role === 'source');
  const outbound = roles.length > 0 && roles.every((role) => role === 'destination' || role === 'link');
  return [
    ...(outbound ? [] : ADDRESS.source),
    ...(inbound ? [] : ADDRESS.destination),
    'domain|ip', // the address of a name
  ];
}

function mailAttributes(roles: readonly ObservableRole[]): string[] {
  const sent = roles.some((role) => role === 'sender' || role === 'reply_to');
  const received = roles.includes('recipient');
  return [...(received && !sent ? [] : SENT), ...(sent && !received ? [] : RECEIVED)];
}

function linkSubject(value: string): GuardSubject | undefined {
  const link = normaliseLink(value);
  if (!link) return undefined;
  const whole = /^[a-z]+:\/\/(?:\[[^\]]*\]|[^/:?]*)\/?$/.test(value);
  const isAddress = normaliseIp(link.host) !== undefined;
  const ofHost = isAddress ? addressAttributes(['destination']) : NAME;
  const attributes = new Set([...LINK, ...ofHost, ALL_ATTRIBUTES]);
  return { kind: isAddress ? 'address' : 'name', text: link.host, whole, link: true, attributes };
}

/** What lists can know of an observable: the host of a link, the domain of a mail address; of hosts and users nothing. */
export function guardSubject({ type, value, roles }: Observable): GuardSubject | undefined {
  const subject = (kind: GuardSubject['kind'], text: string, attributes: readonly string[]): GuardSubject => ({
    kind,
    text,
    whole: true,
    link: false,
    attributes: new Set([...attributes, ALL_ATTRIBUTES]),
  });
  switch (type) {
    case 'ip':
      return subject('address', value, addressAttributes(roles));
    case 'domain':
      return subject('name', value, NAME);
    case 'url':
      return linkSubject(value);
    case 'email':
      return { ...subject('name', value.slice(value.lastIndexOf('@') + 1), mailAttributes(roles)), whole: false };
    case 'md5':
    case 'sha1':
    case 'sha256':
      return subject('hash', value, [type, `filename|${type}`]);
    case 'host':
    case 'user':
      return undefined;
  }
}
