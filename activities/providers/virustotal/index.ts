import { count, text, url } from '../../../config/fields';
import type { ObservableType } from '../../../domain/observable';
import type { QuotaLimit } from '../../../domain/quota';
import { limitsOf } from '../limits';
import { defineProvider, fingerprint, type Answer, type Provider } from '../provider';
import { createVirusTotalClient } from './client';
import { factsOf, type VirusTotalFacts } from './schema';
import { VIRUSTOTAL_POLICY, type VirusTotalPolicy } from './policy';
import { readVirusTotal, summaryOf } from './signals';

export interface VirusTotalOptions {
  /** Without one the source is not configured. */
  apiKey: string | undefined;
  /** `https://www.virustotal.com`, or the simulator. */
  url: string;
  /** Mark every answer as simulated; answers that bear the simulator's own mark are marked anyway. */
  simulated?: boolean;
  /** Default none. */
  limits?: readonly QuotaLimit[];
  /** Default 10,000. */
  timeoutMs?: number;
}

const HOUR_MS = 3_600_000;
const FILE_TYPES: readonly ObservableType[] = ['md5', 'sha1', 'sha256'];
/** What engines say of a file hardly changes within a day; who owns an address, or hosts a page, may change sooner. */
const FRESH_MS = { file: 24 * HOUR_MS, network: 6 * HOUR_MS, unknown: HOUR_MS };

/** Verdicts of many engines on addresses, domains, URLs and files. */
export function createVirusTotal(options: VirusTotalOptions): Provider<VirusTotalFacts, VirusTotalPolicy> {
  const { apiKey, url, timeoutMs, simulated = false, limits = [] } = options;
  const client = createVirusTotalClient({ apiKey: apiKey ?? '', url, timeoutMs });
  return {
    name: 'virustotal',
    title: 'VirusTotal',
    where: 'outside',
    looksUp: ['ip', 'domain', 'url', ...FILE_TYPES],
    setting: 'VIRUSTOTAL_API_KEY',
    configured: apiKey !== undefined,
    credential: fingerprint(apiKey),
    limits,
    policy: VIRUSTOTAL_POLICY,
    freshFor: (type, state) =>
      state === 'ok' ? FRESH_MS[FILE_TYPES.includes(type) ? 'file' : 'network'] : FRESH_MS.unknown,
    async lookup(observable, context): Promise<Answer<VirusTotalFacts>> {
      const reply = await client.get(observable, context);
      const { raw } = reply;
      switch (reply.outcome) {
        case 'found': {
          const facts = factsOf(reply.object, simulated || reply.simulated);
          return { state: 'ok', facts, summary: summaryOf(facts), raw };
        }
        case 'not_found': {
          const mark = simulated || reply.simulated ? ' (simulated)' : '';
          return { state: 'not_known', summary: `VirusTotal has never seen it, which says nothing${mark}`, raw };
        }
        case 'throttled':
          return {
            state: 'waiting',
            until: reply.until,
            summary: `VirusTotal refuses for now (${reply.code})`,
            raw,
          };
      }
    },
    read: readVirusTotal,
  };
}

export const virusTotal = defineProvider({
  variables: {
    VIRUSTOTAL_API_KEY: text.optional(),
    VIRUSTOTAL_URL: url.default('https://www.virustotal.com'),
    VIRUSTOTAL_PER_MINUTE: count.default(4),
    VIRUSTOTAL_PER_DAY: count.default(500),
    VIRUSTOTAL_PER_MONTH: count.default(15_500),
  },
  create: (settings, { simulated }) =>
    createVirusTotal({
      apiKey: settings.VIRUSTOTAL_API_KEY,
      url: settings.VIRUSTOTAL_URL,
      limits: limitsOf({
        minute: settings.VIRUSTOTAL_PER_MINUTE,
        day: settings.VIRUSTOTAL_PER_DAY,
        month: settings.VIRUSTOTAL_PER_MONTH,
      }),
      simulated,
    }),
});
