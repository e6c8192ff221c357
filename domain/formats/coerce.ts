import type { Alert } from '../alert';
import { addressOf } from '../endpoint';
import { normaliseHostname } from '../hostnames';
import { isObject } from '../is-object';

import { isLink, normaliseEmail, normaliseHash } from '../normalise';
import { canonicalAlertSchema } from './canonical-schema';
import { readTime } from './times';

export type Field = Exclude<keyof Alert, 'source'>;

/** Fields that hold all candidates; the others hold the first. */
export const LIST_FIELDS: readonly Field[] = ['urls', 'file_hashes', 'email_to', 'mitre', 'tags'];

/** What tools write where they have nothing to say. */
const NOTHING =
  /^(?:-+|n\/?a|null|none|nil|undefined|unknown|not available|not applicable|\(null\)|<null>|<none>|\(none\)|\[\]|\{\}|0x0)$/i;
const UNSPECIFIED = new Set(['0.0.0.0', '::', '255.255.255.255']);

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]+/g;

/** Text that can be stored and shown, at most so long; undefined when it says nothing. */
function readText(value: unknown, longest: number): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  const text = String(value)
    .replace(CONTROL, ' ')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .trim();
  if (text === '' || NOTHING.test(text)) return undefined;
  return text.length > longest ? text.slice(0, longest).replace(/[\ud800-\udbff]$/, '') : text;
}

/** An address as it stands in an address field, be it with a port or as a range of one; not that which stands for none. */
export function readIp(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 80) return undefined;
  const text = value
    .trim()
    .replace(/^\/(?=[\d[])/, '')
    .replace(/\/(?:32|128)$/, '');
  const address = addressOf(text);
  return address === undefined || UNSPECIFIED.has(address) ? undefined : address;
}

function readCount(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\s*\d{1,16}(?:\.0+)?\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined;
}

function readPort(value: unknown): number | undefined {
  const port = readCount(value);
  return port !== undefined && port > 0 && port < 65_536 ? port : undefined;
}

function readFlag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const word = String(value).trim().toLowerCase();
  return ['true', 'yes', '1'].includes(word) ? true : ['false', 'no', '0'].includes(word) ? false : undefined;
}

/** Algorithms whose values look like hashes of a file and are none. */
const NO_FILE_HASH = /^(?:imphash|authentihash|ssdeep|tlsh|ja3s?)$/i;

/** A hash, or several as Sysmon writes them: `SHA1=…,MD5=…,IMPHASH=…`. */
function readHashes(value: unknown): string[] {
  if (typeof value !== 'string') return [];
  return value
    .slice(0, 2000)
    .split(/[,;\s|]+/)
    .flatMap((part) => {
      const [, algorithm = '', digest = part] = /^([a-z0-9-]{2,16})[=:](.*)$/i.exec(part) ?? [];
      const hash = NO_FILE_HASH.test(algorithm) ? undefined : normaliseHash(digest);
      return hash === undefined ? [] : [hash.value];
    });
}

function readEmails(value: unknown): string[] {
  if (isObject(value)) return readEmails(value.address ?? value.email ?? value.emailAddress);
  if (typeof value !== 'string') return [];
  const whole = normaliseEmail(value);
  if (whole !== undefined && !/[,;]/.test(value)) return [whole];
  return value.split(/[,;]/).flatMap((part) => normaliseEmail(part) ?? []);
}

function readHost(value: unknown): string | undefined {
  const text = readText(value, 255);
  return text === undefined || /[@,;]|\s\s|^[\d.]+:\d+$/.test(text)
    ? undefined
    : text.replace(/^\\\\/, '').replace(/\.$/, '') || undefined;
}

function readDomain(value: unknown): string | undefined {
  const text = readText(value, 255);
  const name = text === undefined ? undefined : normaliseHostname(text);
  return name?.includes('.') ? name : undefined;
}

function readUrl(value: unknown): string | undefined {
  const text = readText(value, 65_536);
  // a path alone leads nowhere
  return text !== undefined && !/\s|^[/.]/.test(text) && text.includes('.') && isLink(text) ? text : undefined;
}

function readTechniques(value: unknown): string[] {
  if (typeof value !== 'string') return [];
  return [...value.slice(0, 2000).matchAll(/\bt(\d{4})(?:[./](\d{3}))?\b/gi)].map(
    ([, base = '', sub]) => `T${base}${sub === undefined ? '' : `.${sub}`}`,
  );
}

const text =
  (longest: number) =>
  (value: unknown): string | undefined =>
    readText(value, longest);
const word = (value: unknown): string | undefined => readText(value, 100)?.toLowerCase();
const first =
  (read: (value: unknown) => string[]) =>
  (value: unknown): string | undefined =>
    read(value)[0];

/** How each field reads what a source gives it. */
const READ: Readonly<Record<Exclude<Field, 'timestamp'>, (value: unknown) => unknown>> = {
  alert_id: text(255),
  alert_type: word,
  severity: word,
  title: text(2000),
  description: text(100_000),
  host_ip: readIp,
  src_ip: readIp,
  src_port: readPort,
  src_hostname: readHost,
  dest_ip: readIp,
  dest_port: readPort,
  dest_hostname: readHost,
  hostname: readHost,
  username: text(255),
  dest_username: text(255),
  domain: readDomain,
  url: readUrl,
  urls: readUrl,
  file_hash: first(readHashes),
  file_hashes: readHashes,
  file_name: text(2000),
  process: text(2000),
  parent_process: text(2000),
  command_line: text(100_000),
  email_from: first(readEmails),
  email_to: readEmails,
  email_subject: text(2000),
  reply_to: first(readEmails),
  bytes_out: readCount,
  failed_attempts: readCount,
  outcome: word,
  executed: readFlag,
  clicked: readFlag,
  direction: word,
  rule_id: text(255),
  rule_name: text(2000),
  mitre: readTechniques,
  tags: text(255),
  tlp: word,
  raw_log: text(65_536),
};

/**
 * What a canonical field makes of a value: normalised, of its own type, never longer than it may be. Empty when it can
 * hold nothing of it; of fields that hold one value, at most one.
 */
export function coerce(field: Field, value: unknown, receivedAt: string): unknown[] {
  const read: unknown = field === 'timestamp' ? readTime(value, receivedAt) : READ[field](value);
  const values: unknown[] = Array.isArray(read) ? read : [read];
  return values.filter((one) => one !== undefined && holds(field, one));
}

function holds(field: Field, value: unknown): boolean {
  const wanted = LIST_FIELDS.includes(field) ? [value] : value;
  return canonicalAlertSchema.shape[field].safeParse(wanted).success;
}
