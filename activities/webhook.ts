import { createHmac } from 'node:crypto';
import { unescape } from 'node:querystring';
import { codeOf } from './providers/http';

/** Where another tool is told of escalations, as the operator has set it up. */
export interface WebhookSettings {
  url: string;
  /** Signs what is sent. */
  secret: Buffer;
  /** For connection and answer together; default 10,000. */
  timeoutMs?: number;
}

export interface WebhookMessage {
  /** The same each time that the same is sent: whoever receives it twice can tell. */
  id: string;
  body: string;
  at: Date;
}

/** Tells another tool. */
export interface Webhook {
  /** Whom, as people may know it: the rest of the address may be a secret. */
  host: string;
  /**
   * One POST, signed by the scheme of standardwebhooks.com.
   * @returns the HTTP status, when it was taken
   * @throws WebhookError
   */
  send(message: WebhookMessage): Promise<number>;
}

/** What was sent was not taken. Its message is for people and holds no secret; there is no `cause`, which might. */
export class WebhookError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WebhookError';
  }
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** Read of a refusal, in bytes, and told of it, in characters. */
const MOST_READ = 1024;
const LONGEST_QUOTE = 300;
const REDACTED = '[removed]';
/** Shorter parts of an address are no secrets, and would be found in innocent words. */
const SHORTEST_SECRET = 8;

/** What a status means to whoever has set the address; others speak for themselves. */
const MEANING: Record<number, string> = {
  401: 'it does not accept the signature or the credentials; check ESCALATION_WEBHOOK_SECRET',
  404: 'there is nothing there; check ESCALATION_WEBHOOK_URL',
  410: 'it is gone and wants no more of this; set another ESCALATION_WEBHOOK_URL, or none',
};

/** `v1,` and the base64 of the HMAC-SHA256 of id, time and body. */
function signatureOf(secret: Buffer, { id, body }: WebhookMessage, timestamp: number): string {
  return `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

export function createWebhook(settings: WebhookSettings): Webhook {
  const { secret, timeoutMs = DEFAULT_TIMEOUT_MS } = settings;
  const url = new URL(settings.url);
  const { host } = url;
  const authorization = authorizationOf(url);
  const secrets = secretsOf(url, settings);
  // the HTTP client refuses an address with credentials, and says the whole of it
  url.username = '';
  url.password = '';

  function headersOf(message: WebhookMessage): Record<string, string> {
    const timestamp = Math.floor(message.at.getTime() / 1000);
    return {
      'content-type': 'application/json',
      'user-agent': 'soar-suite',
      'webhook-id': message.id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatureOf(secret, message, timestamp),
      ...(authorization ? { authorization } : {}),
    };
  }

  return {
    host,
    async send(message) {
      // A controller and timer of our own: in Node 20, signals of AbortSignal.timeout can be collected before they fire.
      const controller = new AbortController();
      const timer = setTimeout(() => controller.abort(), timeoutMs);
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: headersOf(message),
          body: message.body,
          redirect: 'manual',
          signal: controller.signal,
        });
        if (response.ok) return response.status;
        throw new WebhookError(
          `${host} ${refusalOf(response.status, await quoteOf(response, secrets).catch(() => ''))}`,
        );
      } catch (error) {
        if (error instanceof WebhookError) throw error;
        if (controller.signal.aborted) throw new WebhookError(`${host} did not answer within ${timeoutMs / 1000} s`);
        // only the code: messages of the HTTP client may quote the address
        throw new WebhookError(`${host} cannot be reached (${codeOf(error)})`);
      } finally {
        clearTimeout(timer);
        controller.abort();
      }
    },
  };
}

function refusalOf(status: number, quote: string): string {
  const isRedirect = status >= 300 && status < 400;
  const meaning = isRedirect
    ? 'redirects are not followed; set ESCALATION_WEBHOOK_URL to where it leads'
    : MEANING[status];
  return `answered ${status}${meaning ? `: ${meaning}` : ''}${quote ? ` (“${quote}”)` : ''}`;
}

/** The beginning of a refusal on one line, without what it may echo of our secrets. */
async function quoteOf(response: Response, secrets: readonly string[]): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= MOST_READ) break;
  }
  const text = Buffer.concat(chunks).subarray(0, MOST_READ).toString('utf8');
  const shown = secrets.reduce((quote, secret) => quote.replaceAll(secret, REDACTED), text);
  return shown
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_QUOTE);
}

function authorizationOf({ username, password }: URL): string | undefined {
  if (!username && !password) return undefined;
  return `Basic ${Buffer.from(`${unescape(username)}:${unescape(password)}`).toString('base64')}`;
}

/** All that must not be shown, longest first: many tools have the key to their webhook in its path or query. */
function secretsOf(url: URL, { secret }: Pick<WebhookSettings, 'secret'>): string[] {
  const inUrl = [...url.pathname.split('/'), ...url.searchParams.values(), url.username, url.password];
  const others = [
    authorizationOf(url)?.slice('Basic '.length) ?? '',
    secret.toString('utf8'),
    secret.toString('base64'),
  ];
  return [...inUrl.flatMap((part) => [part, unescape(part)]), ...others]
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length);
}
