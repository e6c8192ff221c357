import ipaddr from 'ipaddr.js';
import { isPublicIp } from '../../domain/network';
import type { AbuseIpDbEntry } from './catalogue';
import { jsonReply, type Reply } from './providers';

const DAY_MS = 86_400_000;

export const NO_KEY =
  'Authentication failed. Your API key is either missing, incorrect, or revoked. Note: The APIv2 key differs from the APIv1 key.';

/** An error in AbuseIPDB's shape. */
export function abuseIpDbError(status: number, detail: string, parameter?: string): Reply {
  return jsonReply(status, { errors: [{ detail, status, ...(parameter && { source: { parameter } }) }] });
}

export interface AbuseIpDbSimulation {
  /** `GET /api/v2/check`. */
  check(query: URLSearchParams, apiKey: string | undefined, now: Date): Reply;
}

export function createAbuseIpDbSimulation(entries: readonly AbuseIpDbEntry[]): AbuseIpDbSimulation {
  const known = new Map(entries.map((entry) => [entry.ip, entry]));
  return {
    check(query, apiKey, now) {
      if (!apiKey) return abuseIpDbError(401, NO_KEY);
      const address = query.get('ipAddress') ?? '';
      if (!ipaddr.isValid(address)) {
        const detail = 'The ip address must be a valid IPv4 or IPv6 address (e.g. 8.8.8.8 or 2001:4860:4860::8888).';
        return abuseIpDbError(422, detail, 'ipAddress');
      }
      const days = Number(query.get('maxAgeInDays') ?? 30);
      if (!Number.isInteger(days) || days < 1 || days > 365) {
        return abuseIpDbError(422, 'The max age in days must be between 1 and 365.', 'maxAgeInDays');
      }
      return jsonReply(200, { data: reportOn(address, known.get(address), days, now) });
    },
  };
}

/** The answer in its full shape; an address without an entry, or without a report of late, has none. */
function reportOn(address: string, entry: AbuseIpDbEntry | undefined, days: number, now: Date): unknown {
  const isReported = entry !== undefined && entry.reports > 0 && entry.last_reported_days_ago <= days;
  const lastAt = isReported ? new Date(now.getTime() - entry.last_reported_days_ago * DAY_MS) : null;
  return {
    ipAddress: address,
    isPublic: isPublicIp(address),
    ipVersion: address.includes(':') ? 6 : 4,
    isWhitelisted: entry?.whitelisted ?? false,
    abuseConfidenceScore: isReported ? entry.confidence : 0,
    countryCode: entry?.country ?? null,
    usageType: entry?.usage ?? null,
    isp: entry?.isp ?? '',
    domain: entry?.domain ?? null,
    hostnames: entry?.hostnames ?? [],
    isTor: entry?.tor ?? false,
    totalReports: isReported ? entry.reports : 0,
    numDistinctUsers: isReported ? entry.reporters : 0,
    lastReportedAt: lastAt && `${lastAt.toISOString().slice(0, 19)}+00:00`,
  };
}
