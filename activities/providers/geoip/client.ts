import { normaliseIp } from '../../../domain/network';
import { ProviderError } from '../errors';
import { getDocument, invalidResponse, jsonOf, nextMinute, statusError, type HttpDocument } from '../http';
import type { LookupContext, RawDocument } from '../provider';
import { FIELDS, parseAnswer, type GeoIpDocument } from './schema';

const NAME = 'ip-api.com';
/** Observed right at the limit: a 200 without a body, and without a word on when to come back. */
const EMPTY_RETRY_MS = 5_000;

export interface GeoIpClientOptions {
  /** With or without `/json`. */
  url: string;
  /** Default 10,000. */
  timeoutMs?: number | undefined;
}

export type GeoIpReply =
  | { outcome: 'answered'; answer: GeoIpDocument; simulated: boolean; raw: RawDocument }
  | { outcome: 'throttled'; until: Date; raw?: RawDocument };

export interface GeoIpClient {
  /** @throws ProviderError when there is no usable answer */
  get(address: string, context: LookupContext): Promise<GeoIpReply>;
}

/**
 * The JSON API of ip-api.com. Who sends after `X-Rl: 0` gets banned, so the client remembers until when it must be silent
 * and answers `throttled` without a request.
 */
export function createGeoIpClient({ url, timeoutMs }: GeoIpClientOptions): GeoIpClient {
  const base = url.replace(/\/+$/, '').replace(/\/json$/, '');
  let silentUntil = 0;
  return {
    async get(address, { signal, now }) {
      if (now().getTime() < silentUntil) return { outcome: 'throttled', until: new Date(silentUntil) };
      const path = `${encodeURIComponent(address).replaceAll('%3A', ':')}?fields=${FIELDS}`;
      const document = await getDocument({ provider: NAME, url: `${base}/json/${path}`, signal, timeoutMs });
      const { status, raw } = document;
      const silence = silenceOf(document, now());
      if (silence) silentUntil = Math.max(silentUntil, silence.getTime());
      if (silence && (status === 429 || raw.body.length === 0)) return { outcome: 'throttled', until: silence, raw };
      if (status !== 200) throw statusError(NAME, document, now());
      if (raw.body.length === 0) {
        const details = { raw, httpStatus: status, retryAfterMs: EMPTY_RETRY_MS };
        throw new ProviderError('rate_limited', `${NAME} sent an empty answer, as it does at its limit`, details);
      }
      return {
        outcome: 'answered',
        answer: checked(document, address),
        simulated: document.headers.has('x-simulated'),
        raw,
      };
    },
  };
}

function checked(document: HttpDocument, address: string): GeoIpDocument {
  const answer = parseAnswer(jsonOf(NAME, document));
  const { raw, status } = document;
  if (!answer) throw invalidResponse(NAME, 'a document of an unknown shape', raw, status);
  if (answer.status === 'success' && normaliseIp(answer.query) !== normaliseIp(address)) {
    throw invalidResponse(NAME, 'the answer to another question', raw, status);
  }
  return answer;
}

/** Until when nothing may be sent, as `X-Rl` (requests left) and `X-Ttl` (seconds to the reset) say; a 429 always means silence. */
function silenceOf({ status, headers }: HttpDocument, now: Date): Date | undefined {
  if (status !== 429 && headers.get('x-rl')?.trim() !== '0') return undefined;
  const seconds = Number(headers.get('x-ttl') ?? 0);
  return seconds > 0 && seconds <= 86_400 ? new Date(now.getTime() + seconds * 1000) : nextMinute(now);
}
