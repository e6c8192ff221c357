import type { ToldQuota } from '../../../domain/quota';
import { getDocument, headerSafe, invalidResponse, jsonOf, retryAfter, statusError, type HttpDocument } from '../http';
import type { LookupContext, RawDocument } from '../provider';
import { errorDetailOf, isAbout, MAX_AGE_DAYS, parseReport, type AbuseReport } from './schema';

const NAME = 'AbuseIPDB';
const DAY_MS = 86_400_000;

export interface AbuseIpDbClientOptions {
  apiKey: string;
  /** With or without `/api/v2`. */
  url: string;
  /** Default 10,000. */
  timeoutMs?: number | undefined;
}

interface Reply {
  raw: RawDocument;
  told: ToldQuota | undefined;
}

export type AbuseIpDbReply =
  | ({ outcome: 'answered'; report: AbuseReport; simulated: boolean } & Reply)
  | ({ outcome: 'throttled'; until: Date | null; detail: string } & Reply);

export interface AbuseIpDbClient {
  /** @throws ProviderError for anything but a report on the address and a 429 */
  check(address: string, context: LookupContext): Promise<AbuseIpDbReply>;
}

/** The check endpoint of AbuseIPDB API v2. Every call is one request against the day's quota. */
export function createAbuseIpDbClient({ apiKey, url, timeoutMs }: AbuseIpDbClientOptions): AbuseIpDbClient {
  const base = url.replace(/\/+$/, '').replace(/\/api\/v2$/, '');
  return {
    async check(address, { signal, now }) {
      const query = new URLSearchParams({ ipAddress: address, maxAgeInDays: String(MAX_AGE_DAYS) });
      const document = await getDocument({
        provider: NAME,
        url: `${base}/api/v2/check?${query.toString()}`,
        headers: { key: headerSafe(NAME, apiKey, 'ABUSEIPDB_API_KEY'), accept: 'application/json' },
        signal,
        timeoutMs,
        secret: apiKey,
      });
      const { status, raw, headers } = document;
      const told = toldBy(headers, now());
      if (status === 200) {
        return {
          outcome: 'answered',
          report: checked(document, address),
          simulated: headers.has('x-simulated'),
          raw,
          told,
        };
      }
      const detail = errorDetailOf(raw.body);
      if (status === 429) {
        const until = retryAfter(headers, now()) ?? resetOf(headers, now()) ?? null;
        return { outcome: 'throttled', until, detail: detail ?? 'HTTP 429', raw, told };
      }
      throw statusError(NAME, document, now(), detail);
    },
  };
}

function checked(document: HttpDocument, address: string): AbuseReport {
  const report = parseReport(jsonOf(NAME, document));
  const { raw, status } = document;
  if (!report) throw invalidResponse(NAME, 'a document of an unknown shape', raw, status);
  if (!isAbout(report, address)) throw invalidResponse(NAME, 'the answer to another question', raw, status);
  return report;
}

/** `X-RateLimit-Remaining` comes with every answer, the moment of the reset only with a refusal: else it is midnight UTC. */
function toldBy(headers: Headers, now: Date): ToldQuota | undefined {
  const left = headers.get('x-ratelimit-remaining')?.trim() ?? '';
  if (!/^\d{1,9}$/.test(left)) return undefined;
  return { left: Number(left), until: resetOf(headers, now) ?? nextDay(now) };
}

/** The moment `X-RateLimit-Reset` names (seconds of the Unix epoch), if it is one within a day. */
function resetOf(headers: Headers, now: Date): Date | undefined {
  const at = Number(headers.get('x-ratelimit-reset') ?? Number.NaN) * 1000;
  return at > now.getTime() && at <= now.getTime() + DAY_MS ? new Date(at) : undefined;
}

function nextDay(now: Date): Date {
  return new Date((Math.floor(now.getTime() / DAY_MS) + 1) * DAY_MS);
}
