import { splitEndpoint } from '../endpoint';
import { normaliseIp } from '../network';
import { normaliseEmail, normaliseLink } from '../normalise';
import { refang } from '../refang';
import type { IocFlag, IocType } from './indicator';
import { judgeHash } from './value-hashes';
import {
  judgeAddress,
  judgeDomain,
  judgeHost,
  judgeName,
  refused,
  unsupported,
  type Judged,
  type NoValue,
} from './value-hosts';

/** What a text is as an indicator, or in a short sentence why it is none. */
export type ReadValue = { ok: true; type: IocType; value: string; flags: IocFlag[] } | NoValue;

/** No value has more characters; longer links are refused with a reason of their own. */
const LONGEST = 16_384;

/** What texts put around a value. */
const LEADING = /^[\s\u200b-\u200f\ufeff"'`]+/;
const TRAILING = /^[\s\u200b-\u200f\ufeff"'`,;]$/;
/** At the end of a link, an empty query is none. */
const LINK_TRAILING = /^[\s\u200b-\u200f\ufeff"'`,;?]$/;

/** How the types are called in a sentence. */
const NAMES: Readonly<Record<IocType, string>> = {
  ip: 'an address',
  domain: 'a domain',
  url: 'a link',
  email: 'a mail address',
  md5: 'an MD5',
  sha1: 'a SHA-1',
  sha256: 'a SHA-256',
};
const HASHES: readonly IocType[] = ['md5', 'sha1', 'sha256'];
const HASH_BY_LENGTH: Readonly<Record<number, IocType>> = { 32: 'md5', 40: 'sha1', 64: 'sha256' };
const HEX = /^[0-9a-f]{24,}$/i;
/** Before the digits, as people and tools write it: `SHA1: …`, `sha256:…`. */
const HASH_LABEL = /^(?:md-?5|sha-?1|sha-?2(?:56)?|sha-?(?:384|512)|hash)(?:\s*[:=]\s*|\s+)(?=[0-9a-f]{24})/i;
const SCHEME = /^[a-z][a-z0-9+.-]{1,15}:\/\//i;
/** A reader of reports would mend it; here nobody can say whether what comes out is what was meant. */
const BROKEN_SCHEME = /^h(?:tt|xx)ps?(?:\/\/|:\/(?!\/)|:(?![/\d[]))/i;
/** Nothing in it that is written otherwise to make it harmless. */
const PLAIN = /^[a-z0-9.:-]+$/i;

/** Written as an address, even if it cannot be one. */
const NUMBERS = /^\d+(?:\.\d+)+(?::\d+|\s*-\s*\d[\d.]*)?$/;
const ONE_LABEL = /^[\p{L}\d_-]{1,63}\.?$/u;

/** What nobody can look up here, and how it is called. */
const OTHER_THINGS: readonly (readonly [RegExp, string])[] = [
  [/^cve-\d{4}-\d{4,}$/i, 'a vulnerability'],
  [/^asn?\s?\d{1,10}$/i, 'an autonomous system'],
  [/^[a-z]:\\|^\\\\|^%\w+%\\|^(?:\/[\w.-]+){2,}$/i, 'a path'],
  [/^(?:hkey_|hk(?:lm|cu|cr|u)\\)/i, 'a registry key'],
  [/^\d{1,9}:[\w/+]{3,}:[\w/+]{3,}/, 'a fuzzy hash'],
];

/**
 * The only judge of values: what may stand in the IOC database, in its one spelling, defanged or not. Without a type it
 * is told by the value itself. A host with a path is a link, also where a domain is announced; a port is dropped.
 */
export function readValue(type: IocType | undefined, text: string): ReadValue {
  const trimmed = withoutEnd(text.replace(LEADING, ''));
  if (trimmed === '') return refused('Is empty');
  if (trimmed.length > LONGEST) return refused(`Is longer than any value (${trimmed.length} characters)`);
  if (BROKEN_SCHEME.test(trimmed)) return refused('Is a broken link: its scheme is not written as ://');
  const plain = PLAIN.test(trimmed) ? trimmed : refang(trimmed);
  const shape = shapeOf(plain);
  if (shape === undefined) return nothing(type, plain);
  if (type === undefined || shape === type) return judge(shape, plain);
  if (type === 'domain' && shape === 'url' && !SCHEME.test(plain)) return hostOrLink(plain);
  return refused(`Is ${NAMES[shape]}, not ${NAMES[type]}`);
}

/** Sign by sign: an expression would begin at each of many such signs in the midst of a text, and look for its end. */
function withoutEnd(text: string, trailing = TRAILING): string {
  let end = text.length;
  while (end > 0 && trailing.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** A mere slash at the end of a domain leads nowhere else. */
function hostOrLink(text: string): ReadValue {
  const host = text.replace(/\/$/, '');
  return host.includes('/') || host.includes('?') ? judge('url', text) : judge('domain', host);
}

/** What a text is written like; whether it is one, its judge says. */
function shapeOf(text: string): IocType | undefined {
  const digits = text.replace(HASH_LABEL, '');
  if (HEX.test(digits)) return HASH_BY_LENGTH[digits.length];
  if (SCHEME.test(text)) return 'url';
  if (isAddress(text)) return 'ip';
  if (text.includes('@') && normaliseEmail(text) !== undefined) return 'email';
  if (/[\s\\,|]/.test(text)) return undefined;
  const end = text.search(/[/?]/);
  const host = end < 0 ? text : text.slice(0, end);
  if (host.includes('@') || !looksLikeHost(host)) return undefined;
  if (end < 0 && NUMBERS.test(host)) return 'ip';
  return end < 0 ? 'domain' : 'url';
}

/** An address, one with a port, or a range. */
function isAddress(text: string): boolean {
  const slash = text.indexOf('/');
  if (slash < 0) return normaliseIp(splitEndpoint(text)?.host ?? '') !== undefined;
  return /^\s?\d{1,3}$/.test(text.slice(slash + 1)) && normaliseIp(text.slice(0, slash)) !== undefined;
}

function looksLikeHost(text: string): boolean {
  const host = splitEndpoint(text)?.host;
  return host !== undefined && host.length < 256 && (/[^.]\.[^.]/.test(host) || host.toLowerCase() === 'localhost');
}

function judge(type: IocType, text: string): ReadValue {
  const judged = JUDGES[type](text);
  return 'reason' in judged ? judged : { ok: true, type, ...judged };
}

const hash =
  (type: 'md5' | 'sha1' | 'sha256') =>
  (text: string): Judged =>
    judgeHash(type, text.replace(HASH_LABEL, ''));

const JUDGES: Readonly<Record<IocType, (text: string) => Judged>> = {
  ip: (text) => judgeAddress(text.includes('/') ? text : (splitEndpoint(text)?.host ?? text)),
  domain: (text) => judgeDomain((splitEndpoint(text)?.host ?? text).replace(/^\*?\./, '')),
  url: judgeLink,
  email: judgeEmail,
  md5: hash('md5'),
  sha1: hash('sha1'),
  sha256: hash('sha256'),
};

function judgeLink(text: string): Judged {
  const link = normaliseLink(text);
  const [scheme = ''] = SCHEME.exec(text) ?? [];
  if (link === undefined) {
    const host = splitEndpoint(text.slice(scheme.length).split(/[/?#]/)[0] ?? '')?.host ?? '';
    return /^[\w-]+\.?$/.test(host) ? judgeName(host) : refused('Is a link that leads to no host');
  }
  const judged = judgeHost(link.host);
  if ('reason' in judged) return { ...judged, reason: `Leads to what is no indicator: ${lowerFirst(judged.reason)}` };
  // a fragment may have stood behind them: what is read here is read as the same again
  if (link.url !== undefined) return { value: withoutEnd(link.url, LINK_TRAILING), flags: judged.flags };
  return /^(?:https?|ftp):/i.test(scheme) || scheme === ''
    ? refused('Is a link too long to be looked up')
    : unsupported(`Is a link of ${scheme.slice(0, -3).toLowerCase()}, which cannot be looked up`);
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

function judgeEmail(text: string): Judged {
  const value = normaliseEmail(text);
  if (value === undefined) return refused('Is no mail address');
  const judged = judgeName(value.slice(value.lastIndexOf('@') + 1));
  return 'reason' in judged ? judged : { value, flags: judged.flags };
}

/** The reason for a text that is written like no indicator. */
function nothing(type: IocType | undefined, text: string): NoValue {
  const digits = text.replace(HASH_LABEL, '');
  if (HEX.test(digits)) return notThisHash(type, digits.length);
  const other = OTHER_THINGS.find(([pattern]) => pattern.test(text))?.[1];
  if (other !== undefined && type === undefined) return unsupported(`Is ${other}, which cannot be looked up`);
  if (other !== undefined && type !== undefined) return refused(`Is ${other}, not ${NAMES[type]}`);
  if ((type === undefined || type === 'domain') && ONE_LABEL.test(text)) return noName(text);
  if (type !== undefined) return refused(`Is not ${NAMES[type]}`);
  return refused('Is no address, domain, link, mail address or file hash');
}

/** Names of one label are never kept; their judge knows why. */
function noName(label: string): NoValue {
  const judged = judgeName(label);
  return 'reason' in judged ? judged : refused('Is a name of one label');
}

function notThisHash(type: IocType | undefined, length: number): NoValue {
  const others: Readonly<Record<number, string>> = { 56: 'a SHA-224', 96: 'a SHA-384', 128: 'a SHA-512' };
  const other = others[length];
  const wanted = type !== undefined && HASHES.includes(type) ? type : undefined;
  if (other !== undefined && type === undefined) return unsupported(`Is ${other}, which cannot be looked up`);
  if (other !== undefined && type !== undefined) return refused(`Is ${other}, not ${NAMES[type]}`);
  if (wanted === undefined) return refused(`Is a hash of no known kind (${length} hexadecimal digits)`);
  const digits = Number(Object.keys(HASH_BY_LENGTH).find((each) => HASH_BY_LENGTH[Number(each)] === wanted));
  return refused(`Is not ${NAMES[wanted]}: has ${length} hexadecimal digits instead of ${digits}`);
}
