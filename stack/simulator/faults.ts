import { z } from 'zod';
import { abuseIpDbError, NO_KEY } from './abuseipdb';
import { jsonReply, virusTotalError, type Reply } from './providers';

const PROVIDERS = ['virustotal', 'geoip', 'abuseipdb'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

const ruleSchema = z.strictObject({
  /** Without it, the rule is for all. */
  provider: z.enum(PROVIDERS).optional(),
  /** Part of the request's path; without it, every path. */
  path: z.string().optional(),
  /** `latency` delays the true answer by `ms`; `hang` never answers; `ok` withdraws what was ordered for the same provider and path. */
  mode: z.enum(['latency', '404', '401', '403', '429', '500', '502_html', 'garbage', 'empty', 'hang', 'ok']),
  /** Delay of `latency` (default 1,000); with `429`, after how long the caller may come back (default: not said). */
  ms: z.number().int().min(0).max(86_400_000).optional(),
  /** How many requests it is for; without it, until it is withdrawn. */
  times: z.number().int().min(1).optional(),
});

/** An order to misbehave. Of several that fit a request, the latest counts. */
export type Rule = z.input<typeof ruleSchema>;

/** @throws ZodError */
export function parseRule(document: unknown): Rule {
  return ruleSchema.parse(document);
}

export interface Faults {
  order(rule: Rule): void;
  /** The rule for a request, counted down. */
  take(provider: ProviderName, path: string): Rule | undefined;
  readonly active: readonly Rule[];
}

export function createFaults(): Faults {
  let rules: Rule[] = [];
  return {
    get active() {
      return rules;
    },
    order(rule) {
      if (rule.mode !== 'ok') {
        rules.push({ ...rule });
        return;
      }
      const concerns = (other: Rule) =>
        (rule.provider === undefined || other.provider === undefined || other.provider === rule.provider) &&
        (rule.path === undefined || other.path === rule.path);
      rules = rules.filter((other) => !concerns(other));
    },
    take(provider, path) {
      const rule = rules.findLast(
        (candidate) => (candidate.provider ?? provider) === provider && path.includes(candidate.path ?? ''),
      );
      if (rule?.times !== undefined) {
        rule.times -= 1;
        if (rule.times === 0) rules = rules.filter((other) => other !== rule);
      }
      return rule;
    },
  };
}

const HTML = { 'content-type': 'text/html; charset=UTF-8' };
const PAGE_502 =
  '<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>Error 502 (Server Error)!!1</title>\n  <p><b>502.</b> <ins>That is an error.</ins>\n';

/** How a provider words its own trouble. */
type Wording = Record<'404' | '401' | '403' | '500', () => Reply> & {
  /** Over the limit; `seconds` until the caller may come back, where it says so. */
  '429': (seconds: number | undefined) => Reply;
};

const WORDINGS: Record<ProviderName, Wording> = {
  virustotal: {
    '404': () => virusTotalError(404, 'NotFoundError', 'Resource not found.'),
    '401': () => virusTotalError(401, 'WrongCredentialsError', 'Wrong API key'),
    '403': () => virusTotalError(403, 'ForbiddenError', 'You are not authorized to perform the requested operation'),
    '500': () => virusTotalError(503, 'TransientError', 'The server is currently overloaded. Try again later.'),
    '429': (seconds) => withRetryAfter(virusTotalError(429, 'QuotaExceededError', 'Quota exceeded'), seconds),
  },
  geoip: {
    '404': () => page(404, 'Not Found'),
    '401': () => ({ status: 401, body: 'invalid key', headers: { 'content-type': 'text/plain' } }),
    // what an address gets that was banned
    '403': () => page(403, 'Forbidden'),
    '500': () => ({ status: 500, body: '', headers: {} }),
    '429': (seconds = 0) => ({ status: 429, body: '', headers: { 'x-rl': '0', 'x-ttl': String(seconds) } }),
  },
  abuseipdb: {
    '404': () => page(404, 'Not Found'),
    '401': () => abuseIpDbError(401, NO_KEY),
    '403': () => abuseIpDbError(403, 'This action is unauthorized.'),
    '500': () => jsonReply(500, { message: 'Server Error' }),
    '429': (seconds) =>
      withRetryAfter(
        abuseIpDbError(429, 'Daily rate limit exceeded for this endpoint. See headers for additional details.'),
        seconds,
      ),
  },
};

/** The refusal of a request over the limit. */
export function throttled(provider: ProviderName, seconds?: number): Reply {
  return WORDINGS[provider]['429'](seconds);
}

/** What a provider in trouble sends; undefined for `latency`, `hang` and `ok`, which change no answer. */
export function faultReply(rule: Rule, provider: ProviderName): Reply | undefined {
  switch (rule.mode) {
    case '404':
    case '401':
    case '403':
    case '500':
      return WORDINGS[provider][rule.mode]();
    case '429':
      return throttled(provider, rule.ms === undefined ? undefined : Math.ceil(rule.ms / 1000));
    case '502_html':
      return { status: 502, body: PAGE_502, headers: HTML };
    case 'garbage':
      return { status: 200, body: '{"data": {"id": 7, "attr', headers: { 'content-type': 'application/json' } };
    case 'empty':
      return { status: 200, body: '', headers: { 'content-type': 'application/json' } };
    case 'latency':
    case 'hang':
    case 'ok':
      return undefined;
  }
}

function page(status: number, title: string): Reply {
  return { status, body: `<html><title>${status} ${title}</title></html>`, headers: HTML };
}

function withRetryAfter(reply: Reply, seconds: number | undefined): Reply {
  if (seconds === undefined) return reply;
  return { ...reply, headers: { ...reply.headers, 'retry-after': String(seconds) } };
}
