import { throttled, type ProviderName } from './faults';
import type { Standing } from './limits';
import type { Reply } from './providers';

/** What a service without a limit says is left: more than anybody asks for. */
const PLENTY = 1_000_000;

/** The refusal of a request over the limit, worded as the service does. */
export function refusalOf(provider: ProviderName, standing: Standing, now: Date): Reply {
  // VirusTotal does not say when to come back.
  const seconds = provider === 'virustotal' ? undefined : secondsOf(standing);
  const reply = throttled(provider, seconds);
  const reset = Math.floor((now.getTime() + (standing.tightest?.endsInMs ?? 0)) / 1000);
  const headers = provider === 'abuseipdb' ? { 'x-ratelimit-reset': String(reset) } : {};
  return { ...reply, headers: { ...quotaHeaders(provider, standing), ...reply.headers, ...headers } };
}

/** What the service says of its quota with every answer. */
export function quotaHeaders(provider: ProviderName, standing: Standing): Record<string, string> {
  const { limit = PLENTY, left = PLENTY } = standing.tightest ?? {};
  switch (provider) {
    case 'virustotal':
      return {};
    case 'geoip':
      return { 'x-rl': String(left), 'x-ttl': String(secondsOf(standing)) };
    case 'abuseipdb':
      return { 'x-ratelimit-limit': String(limit), 'x-ratelimit-remaining': String(left) };
  }
}

function secondsOf({ tightest }: Standing): number {
  return Math.ceil((tightest?.endsInMs ?? 60_000) / 1000);
}
