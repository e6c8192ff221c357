import type { Answer, Provider } from '../provider';
import { createVirusTotalClient } from './client';
import { factsOf, type VirusTotalFacts } from './schema';
import { readVirusTotal, summaryOf } from './signals';

export interface VirusTotalOptions {
  /** Without one, every lookup answers `not_configured`. */
  apiKey: string | undefined;
  /** `https://www.virustotal.com`, or the simulator. */
  url: string;
  /** Mark every answer as simulated; answers that bear the simulator's own mark are marked anyway. */
  simulated?: boolean;
  /** Default 10,000. */
  timeoutMs?: number;
}

/** Verdicts of many engines on addresses, domains, URLs and files. */
export function createVirusTotal(options: VirusTotalOptions): Provider<VirusTotalFacts> {
  const { apiKey, url, timeoutMs, simulated = false } = options;
  const client = apiKey ? createVirusTotalClient({ apiKey, url, timeoutMs }) : undefined;
  return {
    name: 'virustotal',
    title: 'VirusTotal',
    where: 'outside',
    looksUp: ['ip', 'domain', 'url', 'md5', 'sha1', 'sha256'],
    async lookup(observable, context): Promise<Answer<VirusTotalFacts>> {
      if (!client) return { state: 'not_configured', summary: 'skipped: no VirusTotal key (VIRUSTOTAL_API_KEY)' };
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
