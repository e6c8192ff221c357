import { normaliseHostname } from './hostnames';
import { normaliseCidr, normaliseIp } from './network';
import type { ObservableType } from './observable';
import { refang } from './refang';

/** Longer links occur (phishing kits pad them); such a link is not looked up, but its host is. */
export const LONGEST_URL = 4096;
const LINK_SCHEMES = new Set(['http:', 'https:', 'ftp:']);
const HASH_LENGTHS = { md5: 32, sha1: 40, sha256: 64 } as const;

/** Where a link leads to. */
export interface Link {
  /** Undefined when the scheme is not one of the web, or the link is longer than {@link LONGEST_URL}. */
  url: string | undefined;
  /** Normalised address or host name. */
  host: string;
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads a link as a browser would. User and password are dropped (they are no part of where it leads, and may be
 * somebody's secret), the fragment too (it never leaves the browser, and often holds the victim's address).
 */
export function normaliseLink(text: string): Link | undefined {
  const refanged = refang(text.trim());
  const withScheme = /^[a-z][a-z0-9+.-]{1,15}:\/\//i.test(refanged) ? refanged : `http://${refanged}`;
  const parsed = parseUrl(withScheme);
  if (!parsed?.hostname) return undefined;
  // Other schemes keep their host as written.
  const host = normaliseIp(parsed.hostname) ?? normaliseHostname(decodeHost(parsed.hostname));
  if (host === undefined || (!host.includes('.') && !host.includes(':'))) return undefined;
  if (!LINK_SCHEMES.has(parsed.protocol)) return { url: undefined, host };
  const port = parsed.port === '' ? '' : `:${parsed.port}`;
  const shown = host.includes(':') ? `[${host}]` : host;
  const url = `${parsed.protocol}//${shown}${port}${parsed.pathname}${parsed.search}`;
  // measured as it will be kept: percent-encoding makes nine characters of one
  return { url: url.length > LONGEST_URL ? undefined : url, host };
}

/** True for a link that a browser would follow, also one to a host that has a name only inside. */
export function isLink(text: string): boolean {
  if (normaliseLink(text)) return true;
  const parsed = parseUrl(refang(text.trim()));
  return parsed !== undefined && LINK_SCHEMES.has(parsed.protocol) && normaliseHostname(parsed.hostname) !== undefined;
}

function decodeHost(host: string): string {
  try {
    return decodeURIComponent(host);
  } catch {
    return host;
  }
}

/** The bare address of `"Shown Name" <user@example.com>`, `SMTP:user@example.com` and the like, in lower case. */
export function normaliseEmail(text: string): string | undefined {
  const start = text.lastIndexOf('<');
  const end = text.indexOf('>', start);
  const bare = refang(start >= 0 && end > start ? text.slice(start + 1, end) : text)
    .replace(/\([^()]{0,256}\)/g, '')
    .replace(/^(?:smtp|mailto):/i, '')
    .trim();
  const at = bare.lastIndexOf('@');
  const local = bare.slice(0, at).toLowerCase();
  if (at < 1 || local.length > 64 || /[\s<>@,;:"()[\]\\]/.test(local)) return undefined;
  const domain = normaliseHostname(bare.slice(at + 1));
  return domain !== undefined && domain.includes('.') ? `${local}@${domain}` : undefined;
}

/** The single addresses of a list as mail programs write it: between commas or semicolons, but not those of a quoted name. */
export function splitAddresses(text: string): string[] {
  const addresses: string[] = [];
  let from = 0;
  for (const match of text.matchAll(/"[^"]{0,998}"|[;,]/g)) {
    if (match[0].startsWith('"')) continue;
    addresses.push(text.slice(from, match.index));
    from = match.index + 1;
  }
  return [...addresses, text.slice(from)];
}

/** Type and lower-case value of a file hash by its length; a hash of one repeated digit is a placeholder, not a hash. */
export function normaliseHash(text: string): { type: 'md5' | 'sha1' | 'sha256'; value: string } | undefined {
  const value = text.trim().toLowerCase();
  if (!/^[0-9a-f]{32,64}$/.test(value) || /^(.)\1*$/.test(value)) return undefined;
  if (value.length === HASH_LENGTHS.md5) return { type: 'md5', value };
  if (value.length === HASH_LENGTHS.sha1) return { type: 'sha1', value };
  return value.length === HASH_LENGTHS.sha256 ? { type: 'sha256', value } : undefined;
}

/** `CORP\jdoe`, `jdoe@CORP.LOCAL` → `jdoe`: what privileged account names are compared by. */
export function accountName(user: string): string {
  const lower = user.trim().toLowerCase();
  const name = lower.slice(lower.lastIndexOf('\\') + 1);
  const at = name.indexOf('@');
  return at > 0 ? name.slice(0, at) : name;
}

/**
 * The one spelling of an observable's value, as it stands in alerts, in the IOC database and in lookups. An `ip` may be
 * a CIDR range. Undefined when the text is no such thing.
 */
export function normaliseValue(type: ObservableType, text: string): string | undefined {
  switch (type) {
    case 'ip':
      return normaliseIp(refang(text)) ?? normaliseCidr(refang(text));
    case 'domain': {
      const name = normaliseHostname(refang(text.trim()));
      return name?.includes('.') ? name : undefined;
    }
    case 'url':
      return normaliseLink(text)?.url;
    case 'email':
      return normaliseEmail(text);
    case 'md5':
    case 'sha1':
    case 'sha256': {
      const hash = normaliseHash(text);
      return hash?.type === type ? hash.value : undefined;
    }
    case 'host':
      return text.trim().replace(/\.$/, '').toLowerCase().slice(0, 255) || undefined;
    case 'user':
      return text.trim().toLowerCase().slice(0, 255) || undefined;
  }
}
