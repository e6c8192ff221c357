import { readFileSync, statSync } from 'node:fs';
import ipaddr from 'ipaddr.js';
import { parse } from 'yaml';
import { z } from 'zod';
import { normaliseHostname } from '../domain/hostnames';
import { DEFAULT_SITE, type SiteKnowledge } from '../domain/site';

/** Thrown when the site file cannot be used; names every offending key. */
export class InvalidSiteFileError extends Error {
  constructor(file: string, problems: string[]) {
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
  return name ?? '';
});
const cidr = z.string().refine((text) => ipaddr.isValidCIDR(text), 'is not a range such as 10.0.0.0/8');

const siteSchema = z
  .strictObject({
    own_ranges: z.array(cidr),
    own_domains: z.array(domain),
    privileged_accounts: z.array(lower),
    critical_hosts: z.array(lower),
    admin_pairs: z.array(z.strictObject({ source: lower, destination: lower, user: lower })),
    known_destinations: z.array(lower),
    large_transfer_bytes: z.number().int().positive(),
    many_attempts: z.number().int().positive(),
  })
  .partial();

function readSite(file: string): SiteKnowledge {
  let document: unknown;
  try {
    document = parse(readFileSync(file, 'utf8')) ?? {};
  } catch (cause) {
    throw new InvalidSiteFileError(file, [cause instanceof Error ? cause.message : String(cause)]);
  }
  const parsed = siteSchema.safeParse(document);
  if (!parsed.success) {
    throw new InvalidSiteFileError(
      file,
      parsed.error.issues.map((issue) => `${issue.path.join('.') || '(top level)'}: ${issue.message}`),
    );
  }
  const given = Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined));
  return { ...DEFAULT_SITE, ...given };
}

/** Gives the site knowledge in force. */
export interface SiteSource {
  current(): SiteKnowledge;
}

/**
 * Site knowledge from `SOAR_SITE_FILE`, read again whenever the file changes; without a file, the defaults.
 * A file that becomes unusable while running keeps the last good version and is reported to `onProblem`.
 * @throws InvalidSiteFileError when the file is unusable at start
 */
export function createSiteSource(file: string | undefined, onProblem: (error: unknown) => void = () => {}): SiteSource {
  if (!file) return { current: () => DEFAULT_SITE };
  let readAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  let site = readSite(file);
  return {
    current() {
      const changedAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
      if (changedAt !== readAt) {
        readAt = changedAt;
        try {
          site = readSite(file);
        } catch (error) {
          onProblem(error);
        }
      }
      return site;
    },
  };
}
