import type { ToldQuota } from '../../../domain/quota';
import { normaliseIp } from '../../../domain/network';
import { ProviderError } from '../errors';
import { getDocument, invalidResponse, jsonOf, statusError, type HttpDocument } from '../http';
import type { LookupContext, RawDocument } from '../provider';
import { FIELDS, parseAnswer, type GeoIpDocument } from './schema';

const NAME = 'ip-api.com';
/** Observed right at the limit: a 200 without a body, and without a word on when to come back. */
const EMPTY_RETRY_MS = 5_000;
/** Who goes on asking over the limit is banned for an hour, with a 403 to every request. */
const BAN_MS = 3_600_000;
/** What the paid service says to a wrong key; no ban, so waiting would not help. */
const INVALID_KEY = 'invalid key';

export interface GeoIpClientOptions {
  /** With or without `/json`. */
  url: string;
  /** Default 10,000. */
  timeoutMs?: number | undefined;
}

interface Reply {
  raw: RawDocument;
  told: ToldQuota | undefined;
}

export type GeoIpReply =
  | ({ outcome: 'answered'; answer: GeoIpDocument; simulated: boolean } & Reply)
  | ({ outcome: 'throttled' | 'banned'; until: Date | null } & Reply);

export interface GeoIpClient {
  /** @throws ProviderError when there is no usable answer */
  get(address: string, context: LookupContext): Promise<GeoIpReply>;
}

/** The JSON API of ip-api.com. Who sends after `X-Rl: 0` gets banned: each reply tells what is left. */
export function createGeoIpClient({ url, timeoutMs }: GeoIpClientOptions): GeoIpClient {
  const base = url.replace(/\/+$/, '').replace(/\/json$/, '');
  return {
    async get(address, { signal, now }) {
      const path = `${encodeURIComponent(address).replaceAll('%3A', ':')}?fields=${FIELDS}`;
      const document = await getDocument({ provider: NAME, url: `${base}/json/${path}`, signal, timeoutMs });
      const { status, raw, headers } = document;
      const told = toldBy(headers, now());
      const isEmpty = raw.body.length === 0;
      if (status === 429 || (isEmpty && told?.left === 0)) {
        return { outcome: 'throttled', until: told?.until ?? null, raw, told };
      }
      if (status === 403 && raw.body.toString('latin1').trim() !== INVALID_KEY) {
        return { outcome: 'banned', until: new Date(now().getTime() + BAN_MS), raw, told };
      }
      if (status !== 200) throw statusError(NAME, document, now());
      if (isEmpty) {
        const details = { raw, httpStatus: status, retryAfterMs: EMPTY_RETRY_MS, told };
        throw new ProviderError('rate_limited', `${NAME} sent an empty answer, as it does at its limit`, details);
      }
      return {
        outcome: 'answered',
        answer: checked(document, address),
        simulated: headers.has('x-simulated'),
        raw,
        told,
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

/** `X-Rl` is what is left of the minute, `X-Ttl` the seconds to its end; at the limit it has been seen as 0, which says nothing. */
function toldBy(headers: Headers, now: Date): ToldQuota | undefined {
  const left = headers.get('x-rl')?.trim() ?? '';
  const seconds = Number(headers.get('x-ttl') ?? 0);
  if (!/^\d{1,9}$/.test(left) || !(seconds > 0 && seconds <= 86_400)) return undefined;
  return { left: Number(left), until: new Date(now.getTime() + seconds * 1000) };
}
