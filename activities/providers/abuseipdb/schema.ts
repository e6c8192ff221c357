import { z } from 'zod';
import { normaliseIp } from '../../../domain/network';

/** How far back reports count, days; the service's own default is 30. */
export const MAX_AGE_DAYS = 90;

/** The answer of `GET /api/v2/check`. Strict where a wrong reading would change a verdict. */

/** An empty text is a missing one. */
const text = z
  .string()
  .max(300)
  .nullish()
  .catch(null)
  .transform((value) => (value === undefined || value === '' ? null : value));
const count = z.number().int().min(0);
/** `2026-11-21T08:30:00+00:00`, kept in UTC. */
const moment = z.iso
  .datetime({ offset: true })
  .transform((value) => new Date(value).toISOString())
  .nullish();

const reportSchema = z.object({
  ipAddress: z.string(),
  isPublic: z.boolean().nullish(),
  isWhitelisted: z.boolean().nullish(),
  abuseConfidenceScore: z.number().int().min(0).max(100),
  totalReports: count,
  numDistinctUsers: count.nullish(),
  lastReportedAt: moment,
  isTor: z.boolean().nullish(),
  countryCode: text,
  usageType: text,
  isp: text,
  domain: text,
});
const answerSchema = z.object({ data: reportSchema });

const errorSchema = z.object({ errors: z.array(z.object({ detail: z.string(), status: z.number() })).min(1) });

export type AbuseReport = z.infer<typeof reportSchema>;

/** What AbuseIPDB's users report, free of any policy; null = it did not say. */
export interface AbuseIpDbFacts {
  /** 0–100. */
  confidence: number;
  reports: number;
  reporters: number | null;
  /** RFC 3339. */
  lastReportedAt: string | null;
  /** On AbuseIPDB's own list of owners it trusts, such as search engines. */
  whitelisted: boolean;
  tor: boolean | null;
  countryCode: string | null;
  /** Such as `Data Center/Web Hosting/Transit`. */
  usage: string | null;
  isp: string | null;
  domain: string | null;
  /** The answer came from a simulator. */
  simulated: boolean;
}

/** Undefined when the document is not AbuseIPDB's answer about one address. */
export function parseReport(document: unknown): AbuseReport | undefined {
  const parsed = answerSchema.safeParse(document);
  return parsed.success ? parsed.data.data : undefined;
}

/** What an error of AbuseIPDB says, in its own words; undefined when the document is none. */
export function errorDetailOf(body: Buffer): string | undefined {
  try {
    const parsed = errorSchema.safeParse(JSON.parse(body.toString('utf8')));
    return parsed.success ? parsed.data.errors[0]?.detail.slice(0, 200) : undefined;
  } catch {
    return undefined;
  }
}

/** True when the report is about this address. */
export function isAbout(report: AbuseReport, address: string): boolean {
  return (normaliseIp(report.ipAddress) ?? report.ipAddress) === (normaliseIp(address) ?? address);
}

export function factsOf(report: AbuseReport, simulated: boolean): AbuseIpDbFacts {
  return {
    confidence: report.abuseConfidenceScore,
    reports: report.totalReports,
    reporters: report.numDistinctUsers ?? null,
    lastReportedAt: report.lastReportedAt ?? null,
    whitelisted: report.isWhitelisted ?? false,
    tor: report.isTor ?? null,
    countryCode: report.countryCode,
    usage: report.usageType,
    isp: report.isp,
    domain: report.domain,
    simulated,
  };
}
