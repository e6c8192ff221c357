import { count, text, url } from '../../../config/fields';
import type { QuotaLimit } from '../../../domain/quota';
import { limitsOf } from '../limits';
import { defineProvider, fingerprint, type Answer, type Provider } from '../provider';
import { createAbuseIpDbClient } from './client';
import { ABUSEIPDB_POLICY, type AbuseIpDbPolicy } from './policy';
import { factsOf, type AbuseIpDbFacts } from './schema';
import { readAbuseIpDb, summaryOf } from './signals';

/** Reports of an attack under way come in by the hour. */
const FRESH_MS = 6 * 3_600_000;

export interface AbuseIpDbOptions {
  /** Without one the source is not configured. */
  apiKey: string | undefined;
  /** `https://api.abuseipdb.com`, or the simulator. */
  url: string;
  /** Default none. */
  limits?: readonly QuotaLimit[];
  /** Mark every answer as simulated; answers that bear the simulator's own mark are marked anyway. */
  simulated?: boolean;
  /** Default 10,000. */
  timeoutMs?: number;
}

/** Reports of an address's abuse by whoever suffered it. */
export function createAbuseIpDb(options: AbuseIpDbOptions): Provider<AbuseIpDbFacts, AbuseIpDbPolicy> {
  const { apiKey, url, timeoutMs, simulated = false, limits = [] } = options;
  const client = createAbuseIpDbClient({ apiKey: apiKey ?? '', url, timeoutMs });
  return {
    name: 'abuseipdb',
    title: 'AbuseIPDB',
    where: 'outside',
    looksUp: ['ip'],
    setting: 'ABUSEIPDB_API_KEY',
    configured: apiKey !== undefined,
    credential: fingerprint(apiKey),
    limits,
    policy: ABUSEIPDB_POLICY,
    freshFor: () => FRESH_MS,
    async lookup({ value }, context): Promise<Answer<AbuseIpDbFacts>> {
      const reply = await client.check(value, context);
      const { raw, told } = reply;
      if (reply.outcome === 'throttled') {
        const summary = `AbuseIPDB refuses for now (${reply.detail})`;
        return { state: 'waiting', until: reply.until, summary, raw, told };
      }
      if (reply.report.isPublic === false) {
        return { state: 'not_applicable', summary: 'AbuseIPDB: not a public address', raw, told };
      }
      const facts = factsOf(reply.report, simulated || reply.simulated);
      return { state: 'ok', facts, summary: summaryOf(facts), raw, told };
    },
    read: readAbuseIpDb,
  };
}

export const abuseIpDb = defineProvider({
  variables: {
    ABUSEIPDB_API_KEY: text.optional(),
    ABUSEIPDB_URL: url.default('https://api.abuseipdb.com'),
    /** The free plan's. */
    ABUSEIPDB_PER_DAY: count.default(1000),
  },
  create: (settings, { simulated }) =>
    createAbuseIpDb({
      apiKey: settings.ABUSEIPDB_API_KEY,
      url: settings.ABUSEIPDB_URL,
      limits: limitsOf({ day: settings.ABUSEIPDB_PER_DAY }),
      simulated,
    }),
});
