import { parse } from 'tldts';
import { normaliseIp } from './network';
import type { ObservableFlag } from './observable';
import type { SiteKnowledge } from './site';

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

/** Spelled as it is kept; its end is none that a browser takes for an address. */
const PLAIN_NAME = /^[a-z0-9_.-]{1,240}\.[a-z]{2,12}$/;

/**
 * The one spelling of a host name: lower case, punycode (IDNA 2008), no trailing dot. Undefined when it cannot be one,
 * or is an address.
 */
export function normaliseHostname(text: string): string | undefined {
  const bare = text.trim().replace(/\.$/, '');
  if (PLAIN_NAME.test(bare) && !bare.includes('xn--'))
    return bare.split('.').every((label) => LABEL.test(label)) ? bare : undefined;
  // What ends a host in a URL would be cut off silently by the parser below.
  if (bare === '' || bare.length > 255 || /[\s/\\?#@:%[\]<>^|]/.test(bare)) return undefined;
  const ascii = toAscii(bare);
  if (ascii === undefined || ascii.length > 253 || normaliseIp(ascii) !== undefined) return undefined;
  return ascii.split('.').every((label) => LABEL.test(label)) ? ascii : undefined;
}

/** Through the WHATWG URL parser, which maps full-width dots and international names as browsers do. */
function toAscii(host: string): string | undefined {
  try {
    return new URL(`http://${host}/`).hostname.replace(/\.$/, '');
  } catch {
    return undefined;
  }
}

/** True when the name ends in a suffix that can be registered on the Internet. */
export function isPublicDomain(name: string): boolean {
  const { isIcann, domain } = parse(name, { validateHostname: false });
  return isIcann === true && domain !== null;
}

/** The part one can register: `evil.co.uk` of `www.evil.co.uk`; the name itself where there is no such part. */
export function registeredDomain(name: string): string {
  return parse(name, { validateHostname: false }).domain ?? name;
}

/** True for `github.io` and `duckdns.org`: their owner gives names below them to anybody, as registries do. */
export function isSharedSuffix(name: string): boolean {
  const { publicSuffix, isPrivate } = parse(name, { allowPrivateDomains: true, validateHostname: false });
  return isPrivate === true && publicSuffix === name;
}

/** True when `name` is one of the domains or lies below one. */
export function isWithin(name: string, domains: readonly string[]): boolean {
  return domains.some((entry) => {
    const domain = entry.toLowerCase().replace(/^\*?\./, '');
    return domain !== '' && (name === domain || name.endsWith(`.${domain}`));
  });
}

/** Names with a public suffix that mean nothing outside: home networks (RFC 8375) and reverse look-ups. */
const SPECIAL_NAMES = ['arpa'];

/** Why a host name must not be sent outside: it cannot be public, or it is the site's own. */
export function hostFlags(name: string, site: Pick<SiteKnowledge, 'own_domains'>): ObservableFlag[] {
  const flags: ObservableFlag[] = isWithin(name, site.own_domains) ? ['own'] : [];
  return isPublicDomain(name) && !isWithin(name, SPECIAL_NAMES) ? flags : [...flags, 'internal_name'];
}
