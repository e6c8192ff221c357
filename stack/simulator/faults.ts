import { z } from 'zod';
import { virusTotalError, type Reply } from './providers';

export type ProviderName = 'virustotal' | 'geoip';

const ruleSchema = z.strictObject({
  /** Without it, the rule is for both. */
  provider: z.enum(['virustotal', 'geoip']).optional(),
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

/** What a provider in trouble sends; undefined for `latency`, `hang` and `ok`, which change no answer. */
export function faultReply(rule: Rule, provider: ProviderName): Reply | undefined {
  const virustotal = provider === 'virustotal';
  switch (rule.mode) {
    case '404':
      if (virustotal) return virusTotalError(404, 'NotFoundError', 'Resource not found.');
      return { status: 404, body: '<html><title>404 Not Found</title></html>', headers: HTML };
    case '401':
      return virustotal ? virusTotalError(401, 'WrongCredentialsError', 'Wrong API key') : invalidKey(401);
    case '403':
      if (!virustotal) return invalidKey(403);
      return virusTotalError(403, 'ForbiddenError', 'You are not authorized to perform the requested operation');
    case '429':
      return throttled(rule, virustotal);
    case '500':
      if (virustotal)
        return virusTotalError(503, 'TransientError', 'The server is currently overloaded. Try again later.');
      return { status: 500, body: '', headers: {} };
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

function throttled(rule: Rule, virustotal: boolean): Reply {
  const seconds = rule.ms === undefined ? undefined : String(Math.ceil(rule.ms / 1000));
  if (!virustotal) return { status: 429, body: '', headers: { 'x-rl': '0', 'x-ttl': seconds ?? '0' } };
  const reply = virusTotalError(429, 'QuotaExceededError', 'Quota exceeded');
  return seconds === undefined ? reply : { ...reply, headers: { ...reply.headers, 'retry-after': seconds } };
}

function invalidKey(status: number): Reply {
  return { status, body: 'invalid key', headers: { 'content-type': 'text/plain' } };
}
