import { hostFlags, isPublicDomain, isSharedSuffix, isWithin, normaliseHostname, registeredDomain } from '../hostnames';
import { addressesOfRange, addressNature, normaliseCidr, normaliseIp } from '../network';
import { IOC_FLAGS, type IocFlag } from './indicator';

/** Why a text is not kept; see `Finding` for the two kinds. */
export interface NoValue {
  ok: false;
  kind: 'refused' | 'unsupported';
  /** A sentence for a human, without its full stop. */
  reason: string;
}

/** A value in its one spelling, or why there is none. */
export type Judged = { value: string; flags: IocFlag[] } | NoValue;

export function refused(reason: string): NoValue {
  return { ok: false, kind: 'refused', reason };
}

export function unsupported(reason: string): NoValue {
  return { ok: false, kind: 'unsupported', reason };
}

/** Shorter prefixes hold so much of the Internet that an entry of them says nothing. */
const SHORTEST_PREFIX = { 4: 8, 6: 16 } as const;

/** Addresses that lead nowhere but to the machine or the cable itself. */
const NOWHERE: Readonly<Record<string, string>> = {
  loopback: 'Is a loopback address, which is every machine itself',
  unspecified: 'Is the unspecified address, which is no machine',
  multicast: 'Is a multicast address, which is no machine',
  broadcast: 'Is the broadcast address, which is no machine',
  linkLocal: 'Is a link-local address, which means another machine in every network',
};

/**
 * Ends of names that no registry sells, but that networks use inside (RFC 6761, 6762, 8375, ICANN's `.internal`), or that
 * other roots than the Internet's have and malware likes (`.bit`, `.bazar`).
 */
const NOT_PUBLIC: readonly string[] = [
  ...['local', 'internal', 'intranet', 'lan', 'home', 'corp', 'private', 'localdomain', 'domain', 'workgroup'],
  ...['test', 'example', 'invalid', 'bit', 'bazar', 'coin', 'emc', 'i2p'],
];

const SPAN = /^[\da-f.:]+\s*-\s*[\da-f.:]+$/i;

/** An address or a CIDR range. */
export function judgeAddress(text: string): Judged {
  const [head = '', length] = text.split('/');
  const address = normaliseIp(head);
  if (address === undefined)
    return refused(SPAN.test(text) ? 'Is a span of addresses: only CIDR is read' : 'Is no valid address');
  const value = length === undefined ? address : normaliseCidr(text);
  const shortest = SHORTEST_PREFIX[address.includes(':') ? 6 : 4];
  if (length !== undefined && Number(length) < shortest) {
    return refused(`Is too broad a range: /${Number(length)}, where /${shortest} is the shortest`);
  }
  if (value === undefined) return refused('Is a range with an impossible prefix length');
  const [nature, ...others] = addressesOfRange(value).map(addressNature);
  const flags = [nature, ...others].flatMap((each) => each?.flags ?? []);
  const nowhere = NOWHERE[nature?.range ?? ''];
  return nowhere === undefined ? { value, flags: known(flags) } : refused(nowhere);
}

const NO_SITE = { own_domains: [] };

/** The name of a host. */
export function judgeName(text: string): Judged {
  if (/^[\d.]+$/.test(text)) return refused('Is no valid address');
  const name = normaliseHostname(text);
  if (name === undefined) return refused('Is no valid name of a host');
  if (isWithin(name, ['localhost'])) return refused('Is localhost, which is every machine itself');
  const flags = hostFlags(name, NO_SITE);
  if (flags.length > 0 && !isPublicDomain(name)) return judgeOther(name);
  if (name.includes('_') && registeredDomain(name).includes('_')) {
    return refused('Has an underscore where no registry allows one');
  }
  return { value: name, flags: known(flags) };
}

/**
 * A domain that stands for itself and for all below it, which a link or a mail address does not: what lies below a shared
 * suffix is anybody's.
 */
export function judgeDomain(text: string): Judged {
  const judged = judgeName(text);
  if ('reason' in judged || !isSharedSuffix(judged.value)) return judged;
  return refused('Is a suffix under which anybody may register names');
}

function judgeOther(name: string): Judged {
  if (isPublicSuffix(name)) return refused('Is a public suffix, below which everybody registers names');
  if (!name.includes('.')) return refused('Is a name of one label, which is another host in every network');
  if (isWithin(name, NOT_PUBLIC)) return { value: name, flags: ['internal_name'] };
  return refused('Has no public suffix: is the name of a file, or of a host inside');
}

/** True for `com` and `co.uk`: a name below it could be registered. */
function isPublicSuffix(name: string): boolean {
  return isPublicDomain(`x.${name}`) && registeredDomain(`x.${name}`) === `x.${name}`;
}

/** Where a link leads. */
export function judgeHost(host: string): Judged {
  return normaliseIp(host) === undefined ? judgeName(host) : judgeAddress(host);
}

function known(flags: readonly string[]): IocFlag[] {
  if (flags.length === 0) return [];
  return IOC_FLAGS.filter((flag) => flags.includes(flag));
}
