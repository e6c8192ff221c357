import { count, oneOf, text, url } from '../../../config/fields';
import type { QuotaLimit } from '../../../domain/quota';
import { ProviderError, ProviderSettingsError } from '../errors';
import { limitsOf } from '../limits';
import { defineProvider, type Answer, type Provider } from '../provider';
import { createGeoIpClient, type GeoIpReply } from './client';
import { createOfflineGeoIp, type OfflineGeoIp } from './mmdb';
import { mmdbFile, openMmdbFile, type MmdbFile } from './mmdb-file';
import { factsOf, type GeoIpFacts } from './schema';
import { GEOIP_POLICY, readGeoIp, summaryOf, type GeoIpPolicy } from './signals';

export interface GeoIpOptions {
  /** `http://ip-api.com` (the free plan has no TLS), or the simulator. */
  url: string;
  /** Mark every answer as simulated; answers that bear the simulator's own mark are marked anyway. */
  simulated?: boolean;
  /** Default none. */
  limits?: readonly QuotaLimit[];
  /** Answers when ip-api.com does not. Default none. */
  offline?: OfflineGeoIp | undefined;
  /** Default 10,000. */
  timeoutMs?: number;
}

/** Networks move slowly. */
const FRESH_MS = 7 * 86_400_000;
const NOTHING_TO_ASK: readonly string[] = ['private range', 'reserved range'];

const COMMON = {
  name: 'geoip',
  title: 'GeoIP',
  looksUp: ['ip'],
  configured: true,
  credential: undefined,
  policy: GEOIP_POLICY,
  read: readGeoIp,
} as const satisfies Partial<Provider<GeoIpFacts, GeoIpPolicy>>;

/** Country, network and kind of an address, by ip-api.com. */
export function createGeoIp(options: GeoIpOptions): Provider<GeoIpFacts, GeoIpPolicy> {
  const { url, timeoutMs, simulated = false, limits = [], offline } = options;
  const client = createGeoIpClient({ url, timeoutMs });
  return {
    ...COMMON,
    where: 'outside',
    setting: undefined,
    limits,
    freshFor: () => FRESH_MS,
    lookup: async ({ value }, context) => answerOf(await client.get(value, context), simulated),
    ...(offline && { offline: ({ value }) => insteadOf(offline, value) }),
  };
}

/** The same from the user's own databases: nothing leaves the house, and nothing limits it. */
export function createMmdbGeoIp(offline: OfflineGeoIp): Provider<GeoIpFacts, GeoIpPolicy> {
  return {
    ...COMMON,
    where: 'inside',
    setting: 'GEOIP_MMDB',
    limits: [],
    freshFor: () => 0,
    async lookup({ value }) {
      const answer = await offline.lookup(value);
      if (!answer) throw new ProviderError('unavailable', 'no GeoIP database can be read; check GEOIP_MMDB');
      return answer;
    },
  };
}

function answerOf(reply: GeoIpReply, simulated: boolean): Answer<GeoIpFacts> {
  const { raw, told } = reply;
  if (reply.outcome !== 'answered') {
    const refusal = { state: 'waiting', until: reply.until, raw, told } as const;
    if (reply.outcome === 'throttled') return { ...refusal, summary: 'ip-api.com has no requests left' };
    return { ...refusal, summary: 'ip-api.com has banned us for a while (403)', reason: 'it has banned us (403)' };
  }
  const { answer } = reply;
  if (answer.status === 'success') {
    const facts = factsOf(answer, simulated || reply.simulated);
    return { state: 'ok', facts, summary: summaryOf(facts), raw, told };
  }
  if (NOTHING_TO_ASK.includes(answer.message)) {
    return { state: 'not_applicable', summary: `ip-api.com: ${answer.message}`, raw, told };
  }
  const kind = answer.message === 'invalid query' ? 'bad_request' : 'invalid_response';
  throw new ProviderError(kind, `ip-api.com refuses: ${answer.message}`, { raw, httpStatus: 200, told });
}

/** Only what the databases know stands in for ip-api.com: what they lack, or hold damaged, it may still answer later. */
async function insteadOf(offline: OfflineGeoIp, address: string): Promise<Answer<GeoIpFacts> | undefined> {
  try {
    const answer = await offline.lookup(address);
    return answer?.state === 'ok' ? answer : undefined;
  } catch (error) {
    if (error instanceof ProviderError) return undefined;
    throw error;
  }
}

/** Reads the databases at once. @throws ProviderSettingsError naming every file that cannot be used */
function openAll(files: Record<string, string | undefined>): MmdbFile[] {
  const problems: string[] = files.GEOIP_MMDB === undefined ? ['GEOIP_MMDB is required with GEOIP_PROVIDER=mmdb'] : [];
  const opened = Object.entries(files).flatMap(([name, path]) => {
    if (path === undefined) return [];
    try {
      return [openMmdbFile(path)];
    } catch (error) {
      problems.push(`${name} ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
  if (problems.length > 0) throw new ProviderSettingsError(problems);
  return opened;
}

export const geoIp = defineProvider({
  variables: {
    GEOIP_PROVIDER: oneOf(['ip-api', 'mmdb']).default('ip-api'),
    GEOIP_URL: url.default('http://ip-api.com'),
    GEOIP_PER_MINUTE: count.default(45),
    GEOIP_MMDB: text.optional(),
    GEOIP_ASN_MMDB: text.optional(),
  },
  create(settings, { simulated }) {
    const { GEOIP_MMDB, GEOIP_ASN_MMDB } = settings;
    if (settings.GEOIP_PROVIDER === 'mmdb') {
      return createMmdbGeoIp(createOfflineGeoIp(openAll({ GEOIP_MMDB, GEOIP_ASN_MMDB })));
    }
    const files = [GEOIP_MMDB, GEOIP_ASN_MMDB].filter((path) => path !== undefined).map(mmdbFile);
    return createGeoIp({
      url: settings.GEOIP_URL,
      limits: limitsOf({ minute: settings.GEOIP_PER_MINUTE }),
      offline: files.length === 0 ? undefined : createOfflineGeoIp(files),
      simulated,
    });
  },
});
