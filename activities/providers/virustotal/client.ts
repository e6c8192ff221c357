import type { ObservableType } from '../../../domain/observable';
import { ProviderError } from '../errors';
import { getDocument, headerSafe, invalidResponse, jsonOf, retryAfter, statusError } from '../http';
import type { LookupContext, RawDocument } from '../provider';
import { answers, errorCodeOf, parseObject, type VirusTotalObject } from './schema';

const NAME = 'VirusTotal';

export interface VirusTotalClientOptions {
  apiKey: string;
  /** With or without `/api/v3`. */
  url: string;
  /** Default 10,000. */
  timeoutMs?: number | undefined;
}

export type VirusTotalReply =
  | { outcome: 'found'; object: VirusTotalObject; simulated: boolean; raw: RawDocument }
  | { outcome: 'not_found'; simulated: boolean; raw: RawDocument }
  | { outcome: 'throttled'; until: Date | null; code: string; raw: RawDocument };

export interface VirusTotalClient {
  /** @throws ProviderError for anything but an object, a "not found" and a 429 */
  get(observable: { type: ObservableType; value: string }, context: LookupContext): Promise<VirusTotalReply>;
}

/** VirusTotal API v3. Every call is one request against the quota, also one that finds nothing. */
export function createVirusTotalClient({ apiKey, url, timeoutMs }: VirusTotalClientOptions): VirusTotalClient {
  const base = url.replace(/\/+$/, '').replace(/\/api\/v3$/, '');
  return {
    async get(observable, { signal, now }) {
      const document = await getDocument({
        provider: NAME,
        url: `${base}/api/v3/${pathOf(observable)}`,
        headers: { 'x-apikey': headerSafe(NAME, apiKey, 'VIRUSTOTAL_API_KEY'), accept: 'application/json' },
        signal,
        timeoutMs,
        secret: apiKey,
      });
      const { status, raw, headers } = document;
      const simulated = headers.has('x-simulated');
      if (status === 200) {
        const object = parseObject(jsonOf(NAME, document));
        if (!object) throw invalidResponse(NAME, 'a document of an unknown shape', raw, status);
        if (!answers(object, observable)) throw invalidResponse(NAME, 'the answer to another question', raw, status);
        return { outcome: 'found', object, simulated, raw };
      }
      const code = errorCodeOf(raw.body);
      // A 404 without VirusTotal's own error is a wrong address or a proxy, and says nothing about the observable.
      if (status === 404 && code === 'NotFoundError') return { outcome: 'not_found', simulated, raw };
      if (status === 429) {
        const until = retryAfter(headers, now()) ?? null;
        return { outcome: 'throttled', until, code: code ?? 'HTTP 429', raw };
      }
      throw statusError(NAME, document, now(), code);
    },
  };
}

/** Where an observable is found; a URL goes by its base64url form. */
function pathOf({ type, value }: { type: ObservableType; value: string }): string {
  switch (type) {
    case 'ip':
      return `ip_addresses/${encodeURIComponent(value).replaceAll('%3A', ':')}`;
    case 'domain':
      return `domains/${encodeURIComponent(value)}`;
    case 'url':
      return `urls/${Buffer.from(value, 'utf8').toString('base64url')}`;
    case 'md5':
    case 'sha1':
    case 'sha256':
      return `files/${encodeURIComponent(value)}`;
    case 'email':
    case 'host':
    case 'user':
      throw new ProviderError('bad_request', `${NAME} knows nothing of type ${type}`);
  }
}
