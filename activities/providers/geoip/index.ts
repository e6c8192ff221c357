import { ProviderError } from '../errors';
import type { Answer, Provider } from '../provider';
import { createGeoIpClient } from './client';
import { factsOf, type GeoIpFacts } from './schema';
import { readGeoIp, summaryOf } from './signals';

export interface GeoIpOptions {
  /** `http://ip-api.com` (the free plan has no TLS), or the simulator. */
  url: string;
  /** Mark every answer as simulated; answers that bear the simulator's own mark are marked anyway. */
  simulated?: boolean;
  /** Default 10,000. */
  timeoutMs?: number;
}

const NOTHING_TO_ASK: readonly string[] = ['private range', 'reserved range'];

/** Country, network and kind of an address, by ip-api.com. */
export function createGeoIp({ url, timeoutMs, simulated = false }: GeoIpOptions): Provider<GeoIpFacts> {
  const client = createGeoIpClient({ url, timeoutMs });
  return {
    name: 'geoip',
    title: 'GeoIP',
    where: 'outside',
    looksUp: ['ip'],
    async lookup({ value }, context): Promise<Answer<GeoIpFacts>> {
      const reply = await client.get(value, context);
      if (reply.outcome === 'throttled') {
        const summary = 'ip-api.com has no requests left';
        return { state: 'waiting', until: reply.until, summary, ...(reply.raw && { raw: reply.raw }) };
      }
      const { answer, raw } = reply;
      if (answer.status === 'success') {
        const facts = factsOf(answer, simulated || reply.simulated);
        return { state: 'ok', facts, summary: summaryOf(facts), raw };
      }
      if (NOTHING_TO_ASK.includes(answer.message)) {
        return { state: 'not_applicable', summary: `ip-api.com: ${answer.message}`, raw };
      }
      const kind = answer.message === 'invalid query' ? 'bad_request' : 'invalid_response';
      throw new ProviderError(kind, `ip-api.com refuses: ${answer.message}`, { raw, httpStatus: 200 });
    },
    read: readGeoIp,
  };
}
