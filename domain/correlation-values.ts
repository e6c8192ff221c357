import { EMPTY_FILE_HASHES } from './hashes';
import { isWithin, normaliseHostname } from './hostnames';
import { HOSTS_OF_MANY, LEAD_ANYWHERE } from './guard-own';
import { scannerAt } from './known-scanners';
import { accountName, normaliseEmail, normaliseHash, normaliseLink } from './normalise';
import { isNobodys, somebodysIp } from './nobodys';
import type { SiteKnowledge } from './site';

/** Values that correlation keys are made of: each in its one spelling, and undefined where it is nobody's or everybody's. */

/** The named fields that tie alerts together, in the order of the key. */
export type CorrelationFields = Readonly<Record<string, string>>;

const LONGEST = 255;

/** A name that has no spelling of its own: case and blanks say nothing. */
export function word(text: string | undefined): string | undefined {
  const plain = (text ?? '').trim().toLowerCase().replace(/\s+/g, ' ').slice(0, LONGEST);
  return isNobodys(plain) ? undefined : plain;
}

export const address = somebodysIp;

/** An address that does what it does on nobody's behalf; the site's own scanners knock everywhere. */
export function attacker(text: string | undefined, site: SiteKnowledge): string | undefined {
  const ip = address(text);
  return scannerAt(ip, site) === undefined ? ip : undefined;
}

/** A machine by its name, or by its address where that stands in the name's field. */
function host(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const name = word(normaliseHostname(text) ?? text);
  return name === undefined || isAddress(text) ? address(text) : name;
}

function isAddress(text: string): boolean {
  return /^[\d.]+$|:/.test(text.trim());
}

/** The first of several that names a machine. */
export function place(...texts: (string | undefined)[]): string | undefined {
  return texts.map(host).find((one) => one !== undefined);
}

export function account(text: string | undefined): string | undefined {
  return text === undefined ? undefined : word(accountName(text));
}

/** The hash of a file that holds something. */
export function fileHash(text: string | undefined): string | undefined {
  const value = text === undefined ? undefined : normaliseHash(text)?.value;
  return value === undefined || EMPTY_FILE_HASHES.includes(value) ? undefined : value;
}

/** Whom bounces come from. */
const MAILERS = /^(?:mailer-daemon|postmaster)@/;

export function sender(text: string | undefined): string | undefined {
  const mail = text === undefined ? undefined : normaliseEmail(text);
  return mail === undefined || MAILERS.test(mail) ? undefined : mail;
}

/** Where a link leads: its host, or, where that host is everybody's, the page. */
export function linkTarget(text: string | undefined): { link_host: string } | { url: string } | undefined {
  const link = text === undefined ? undefined : normaliseLink(text);
  if (link === undefined) return undefined;
  if (isWithin(link.host, [...HOSTS_OF_MANY, ...LEAD_ANYWHERE])) {
    return link.url === undefined ? undefined : { url: link.url };
  }
  const name = place(link.host);
  return name === undefined ? undefined : { link_host: name };
}
