import { z } from 'zod';
import { ALERT_CLASSES, DIRECTIONS, OUTCOMES, TLP_LABELS } from '../alert';
import { normaliseHostname } from '../hostnames';
import { normaliseIp } from '../network';
import { isLink, normaliseHash } from '../normalise';
import { refang } from '../refang';
import { SEVERITIES } from '../severity';
import { normaliseTimestamp } from '../time';
import { readTlp } from '../tlp';

/** MySQL's utf8mb4 has no place for a lone surrogate, and a NUL ends a string in too many tools that read ours. */
const UNSTORABLE = /\0|\p{Surrogate}/u;
const NAME = 255;
const LINE = 2000;
const LIST = 100;
const DOCUMENT = 5 * 1024 * 1024;

function storable(text: z.ZodString) {
  return text.refine((value) => !UNSTORABLE.test(value), 'must not contain NUL bytes or lone surrogates');
}

const string = () => z.string({ error: 'must be a string' });
const text = (most: number) => storable(string().max(most, `must have at most ${most} characters`));
const name = (most = NAME) => storable(string().trim().max(most, `must have at most ${most} characters`));

/** A single string is taken as a list of one. */
const listOf = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z.array(item, { error: 'must be a string or a list of strings' }).max(LIST, `must have at most ${LIST} entries`),
  );

/** In whatever case: `High` is no other severity than `high`. */
const oneOf = <const T extends readonly string[]>(values: T) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.trim().toLowerCase() : value),
    z.enum(values, { error: `must be one of ${values.join(', ')}` }),
  );

const converted = <T extends string>(convert: (value: string) => T | undefined, detail: string) =>
  string().transform((value, context) => {
    const result = convert(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: detail });
    return z.NEVER;
  });

const ip = () => converted(normaliseIp, 'must be an IPv4 or IPv6 address');
const hash = () =>
  converted(
    (value) => normaliseHash(value)?.value,
    'must be an MD5, SHA-1 or SHA-256 in hexadecimal (32, 40 or 64 digits, not all the same)',
  );
const tlp = () => converted(readTlp, `must be one of ${TLP_LABELS.join(', ')}, with or without "TLP:"`);
/** As it was given: how a link is written is evidence too. An empty one says nothing. */
const url = () => text(65_536).refine((value) => value.trim() === '' || isLink(value), 'must be a link to a host');
const domain = () =>
  name(1000).refine(
    (value) => value === '' || normaliseHostname(refang(value)) !== undefined || isAddressOrLink(value),
    'must be a domain name, an address or a link',
  );
const isAddressOrLink = (value: string) => normaliseIp(value) !== undefined || (value.includes('/') && isLink(value));
const technique = () =>
  converted(
    (value) => (/^\s*T\d{4}(?:\.\d{3})?\s*$/i.test(value) ? value.trim().toUpperCase() : undefined),
    'must be a MITRE ATT&CK technique id such as T1110 or T1110.001',
  );
const timestamp = () => converted(normaliseTimestamp, 'must be an RFC 3339 time such as 2026-11-23T12:00:00Z');

const count = (most: number) => {
  const detail = `must be a whole number from 0 to ${most}`;
  return z.int({ error: detail }).min(0, detail).max(most, detail);
};
const flag = () => z.boolean({ error: 'must be true or false' });

const source = storable(
  z
    .string({ error: ({ input }) => (input === undefined ? 'is required' : 'must be a string') })
    .trim()
    .min(1, 'must not be empty')
    .max(NAME, `must have at most ${NAME} characters`),
);

/** The canonical alert, as `POST /alerts` takes it; unknown keys are kept. Also the source of its OpenAPI description. */
export const canonicalAlertSchema = z.looseObject({
  source: source.describe('Name of the tool that raised the alert'),
  alert_id: name().optional().describe("The source's own id; the same id again is the same alert"),
  alert_type: oneOf(ALERT_CLASSES).optional().describe('Classified by the suite when it is missing'),
  severity: oneOf(SEVERITIES).optional().describe('Medium when it is missing'),
  timestamp: timestamp().optional().describe('When it happened, RFC 3339; UTC when it has no zone'),
  title: name(LINE).optional(),
  description: text(100_000).optional(),
  host_ip: ip().optional().describe("The alerted host's own address"),
  src_ip: ip().optional().describe('Who did it'),
  src_port: count(65_535).optional(),
  src_hostname: name().optional(),
  dest_ip: ip().optional().describe('To whom'),
  dest_port: count(65_535).optional(),
  dest_hostname: name().optional(),
  hostname: name().optional().describe('The alerted host'),
  username: name().optional(),
  dest_username: name().optional(),
  domain: domain().optional(),
  url: url().optional(),
  urls: listOf(url()).optional(),
  file_hash: hash().optional().describe('MD5, SHA-1 or SHA-256'),
  file_hashes: listOf(hash()).optional(),
  file_name: text(LINE).optional(),
  process: text(LINE).optional(),
  parent_process: text(LINE).optional(),
  command_line: text(100_000).optional(),
  email_from: name(LINE).optional(),
  email_to: listOf(name(LINE)).optional(),
  email_subject: text(LINE).optional(),
  reply_to: name(LINE).optional(),
  bytes_out: count(Number.MAX_SAFE_INTEGER).optional(),
  failed_attempts: count(Number.MAX_SAFE_INTEGER).optional(),
  outcome: oneOf(OUTCOMES).optional(),
  executed: flag().optional(),
  clicked: flag().optional(),
  direction: oneOf(DIRECTIONS).optional(),
  rule_id: name().optional(),
  rule_name: name(LINE).optional(),
  mitre: listOf(technique()).optional().describe('MITRE ATT&CK technique ids'),
  tags: listOf(name()).optional(),
  tlp: tlp()
    .optional()
    .describe(`One of ${TLP_LABELS.join(', ')}, with or without "TLP:"; tags such as tlp:red count too`),
  raw_log: text(DOCUMENT).optional(),
});

/** The canonical field names. */
export const CANONICAL_KEYS: ReadonlySet<string> = new Set(Object.keys(canonicalAlertSchema.shape));
