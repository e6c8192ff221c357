import { readFileSync, statSync } from 'node:fs';
import ipaddr from 'ipaddr.js';
import { parse } from 'yaml';
import { z } from 'zod';
import { classificationRuleSchema } from '../domain/classification/rule';
import { given } from '../domain/given';
import { isRegistrySuffix } from '../domain/guard-names';
import { normaliseHostname } from '../domain/hostnames';
import { normaliseIp } from '../domain/network';
import type { Policy } from '../domain/policy';
import { withChanges, type PolicyChanges } from '../domain/policy-changes';
import { DEFAULT_SITE, WEEKDAYS, type ServiceLevel, type SiteKnowledge } from '../domain/site';
import { SEVERITIES, type Severity } from '../domain/severity';
import { duration } from './fields';

/** Thrown when the site file cannot be used; names every offending key. */
export class InvalidSiteFileError extends Error {
  constructor(
    file: string,
    readonly problems: readonly string[],
  ) {
    super(`The site file ${file} is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'InvalidSiteFileError';
  }
}

const lower = z
  .string()
  .min(1)
  .transform((text) => text.toLowerCase());
/** As observables have them: punycode, lower case. */
const domain = z.string().transform((text, context) => {
  const name = normaliseHostname(text.replace(/^\*?\./, ''));
  if (name === undefined) context.addIssue({ code: 'custom', message: 'is not a domain' });
  else if (isRegistrySuffix(name))
    context.addIssue({ code: 'custom', message: 'is a suffix that anybody registers below' });
  return name ?? '';
});
/** Domains as observables have them; ranges as they are. */
const destination = z.string().transform((text, context) => {
  if (ipaddr.isValidCIDR(text) || normaliseIp(text) !== undefined) return text.toLowerCase();
  const name = normaliseHostname(text.replace(/^\*?\./, ''));
  if (name === undefined)
    context.addIssue({ code: 'custom', message: 'is neither a domain nor a range such as 10.0.0.0/8' });
  return name ?? '';
});
/** Wider ones are no site's: IPv4 /8, IPv6 /16. */
const WIDEST = { ipv4: 8, ipv6: 16 } as const;

function isUsableRange(text: string): boolean {
  if (!ipaddr.isValidCIDR(text)) return false;
  const [network, bits] = ipaddr.parseCIDR(text);
  return bits >= WIDEST[network.kind()];
}

const NO_RANGE = 'is not a range such as 10.0.0.0/8, or it is wider than /8 (IPv6: /16)';
const cidr = z.string().refine(isUsableRange, NO_RANGE);
const range = z
  .string()
  .refine(
    (text) => isUsableRange(text) || normaliseIp(text) !== undefined,
    'is neither an address nor a range such as 10.0.0.0/8, or it is wider than /8 (IPv6: /16)',
  );
const country = z.string().transform((text, context) => {
  const code = countryCode(text);
  if (code === undefined)
    context.addIssue({ code: 'custom', message: 'is not a country code of two letters, such as DE' });
  return code ?? '';
});
const clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'is not a time such as 07:00; put it in quotes');
const timezone = z.string().refine(isTimezone, 'is not a time zone such as Europe/Berlin');
const MOST_MINUTES = 10 * 366 * 24 * 60;
const minutes = duration
  .transform((ms) => ms / 60_000)
  .refine((count) => count * 60 >= 1, 'is less than a second')
  .refine((count) => count <= MOST_MINUTES, 'is more than ten years');
const count = z.number().int().positive();

const serviceLevel = z.strictObject({ acknowledge: minutes, close: minutes }).partial();

const siteSchema = z
  .strictObject({
    own_ranges: z.array(cidr),
    own_domains: z.array(domain),
    privileged_accounts: z.array(lower),
    risky_users: z.array(lower),
    critical_hosts: z.array(lower),
    admin_pairs: z.array(z.strictObject({ source: lower, destination: lower, user: lower })),
    known_scanners: z.array(z.strictObject({ range, name: z.string().min(1).max(100) })),
    known_destinations: z.array(destination),
    countries: z.strictObject({ expected: z.array(country), watched: z.array(country) }).partial(),
    large_transfer_bytes: count,
    many_attempts: count,
    young_domain_days: count,
    working_hours: z
      .strictObject({ timezone, days: z.array(z.enum(WEEKDAYS)).min(1), from: clock, to: clock })
      .refine(({ from, to }) => from !== to, 'begins when it ends')
      .nullable(),
    sla: z.strictObject(Object.fromEntries(SEVERITIES.map((severity) => [severity, serviceLevel]))).partial(),
    sla_reminder_percent: z.number().int().min(1).max(99),
    escalation_levels: z.array(z.string().min(1).max(100)).max(10),
    classification: z.array(classificationRuleSchema).max(1000),
    policy: z.record(z.string(), z.unknown()),
  })
  .partial();

type Given = z.output<typeof siteSchema>;

/** What a site file may say at its top. */
export const SITE_KEYS: readonly string[] = Object.keys(siteSchema.shape);

/** What a site file says: the knowledge of the site, and what its verdict policy does otherwise than the default one. */
export interface SiteFile {
  site: SiteKnowledge;
  policy: PolicyChanges;
}

/** @throws InvalidSiteFileError naming every offending key */
export function readSiteFile(file: string): SiteFile {
  let document: unknown;
  try {
    document = parse(readFileSync(file, 'utf8')) ?? {};
  } catch (cause) {
    throw new InvalidSiteFileError(file, [cause instanceof Error ? cause.message : String(cause)]);
  }
  return parseSite(document, file);
}

/** @throws InvalidSiteFileError */
export function parseSite(document: unknown, name: string): SiteFile {
  const parsed = siteSchema.safeParse(document);
  if (!parsed.success) throw new InvalidSiteFileError(name, parsed.error.issues.map(problemOf));
  const { policy = {}, ...told } = parsed.data;
  const site = filledUp(told);
  const late = SEVERITIES.filter((severity) => site.sla[severity].acknowledge > site.sla[severity].close);
  if (late.length > 0) {
    throw new InvalidSiteFileError(
      name,
      late.map((severity) => `sla.${severity}: close comes before acknowledge`),
    );
  }
  return { site, policy };
}

function problemOf({ path, message }: z.core.$ZodIssue): string {
  return `${path.join('.') || '(top level)'}: ${message}`;
}

/** What is left out keeps its default, also inside `countries` and `sla`. */
function filledUp({ countries, sla = {}, ...told }: Omit<Given, 'policy'>): SiteKnowledge {
  const levels = SEVERITIES.map((severity): [Severity, ServiceLevel] => {
    const own = (sla as Partial<Record<Severity, Partial<ServiceLevel>>>)[severity];
    return [severity, { ...DEFAULT_SITE.sla[severity], ...given(own ?? {}) }];
  });
  return {
    ...DEFAULT_SITE,
    ...given(told),
    countries: { ...DEFAULT_SITE.countries, ...given(countries ?? {}) },
    sla: Object.fromEntries(levels) as SiteKnowledge['sla'],
  };
}

/** As GeoIP sources write it: `UK` is `GB`. Undefined when there is no such country. */
function countryCode(text: string): string | undefined {
  if (!/^[a-z]{2}$/i.test(text)) return undefined;
  const [locale = ''] = Intl.getCanonicalLocales(`und-${text}`);
  const code = locale.slice('und-'.length);
  const name = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' }).of(code);
  return name === undefined ? undefined : code;
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Gives the site knowledge in force. */
export interface SiteSource {
  current(): SiteKnowledge;
}

/** Gives the verdict policy in force: the same object as long as it is the same policy. */
export interface PolicySource {
  current(): Policy;
}

export interface SiteOptions {
  /** The policy that the site file changes. */
  base: Policy;
  /** False in processes that have no sources at hand, so that their numbers cannot be checked. Default true. */
  knowsSources?: boolean;
  /** Told of a file that has become unusable. */
  onProblem?: (error: unknown) => void;
}

/**
 * Site knowledge and verdict policy from `SOAR_SITE_FILE`, read again whenever the file changes; without a file, the
 * defaults. A file that becomes unusable while running keeps the last good version and is reported.
 * @throws InvalidSiteFileError when the file is unusable at start
 */
export function createSiteSources(
  file: string | undefined,
  { base, knowsSources = true, onProblem = () => {} }: SiteOptions,
): { site: SiteSource; policy: PolicySource } {
  if (!file) return { site: { current: () => DEFAULT_SITE }, policy: { current: () => base } };
  const read = () => {
    const { site, policy: changes } = readSiteFile(file);
    return { site, policy: policyOf(base, changes, file, knowsSources) };
  };
  let stamp = stampOf(file);
  let inForce = read();
  const current = () => {
    const now = stampOf(file);
    if (now !== stamp) {
      stamp = now;
      try {
        inForce = read();
      } catch (error) {
        onProblem(error);
      }
    }
    return inForce;
  };
  return { site: { current: () => current().site }, policy: { current: () => current().policy } };
}

/** @throws InvalidSiteFileError naming every part of the policy that cannot be so */
export function policyOf(base: Policy, changes: PolicyChanges, name: string, knowsSources = true): Policy {
  const { policy, problems } = withChanges(base, changes, knowsSources);
  if (problems.length === 0) return policy;
  throw new InvalidSiteFileError(
    name,
    problems.map(({ path, detail }) => `${['policy', path].filter(Boolean).join('.')}: ${detail}`),
  );
}

function stampOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.mtimeMs} ${stats.size} ${stats.ino}` : '';
}
