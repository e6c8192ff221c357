import { z } from 'zod';
import type { IocMatch } from '../../db/repositories/iocs';
import { guardsFor } from '../../domain/guards';
import { hostFlags } from '../../domain/hostnames';
import { decayedConfidence } from '../../domain/ioc-decay';
import { ipFlags } from '../../domain/network';
import { normaliseValue } from '../../domain/normalise';
import type { Observable } from '../../domain/observable';
import type { Policy } from '../../domain/policy';
import type { SiteKnowledge } from '../../domain/site';
import { defineRoute, type RouteDeps } from '../define-route';
import { API } from '../links';
import { IOC_TYPES, iocAnswerSchema } from '../schemas/ioc';
import { text } from '../schemas/query';

/** Incidents named in one answer. */
const MAX_INCIDENTS = 50;

const querySchema = z.strictObject({
  type: z.enum(IOC_TYPES, { error: `Must be one of ${IOC_TYPES.join(', ')}` }),
  value: text(8_192).describe('In any common spelling, defanged too'),
});

/** The value in the one spelling it has inside. */
const normalisedQuery = querySchema.transform(({ type, value }, context) => {
  const normal = normaliseValue(type, value);
  if (normal !== undefined) return { type, value: normal };
  context.addIssue({ code: 'custom', path: ['value'], message: `Is not a valid ${type}` });
  return z.NEVER;
});

export const lookupIoc = defineRoute({
  method: 'get',
  path: `${API}/ioc/lookup`,
  group: 'IOCs',
  summary: 'What is known of an IP, domain, URL, hash or mail address',
  description:
    'Looks in our own IOC database only; nothing is sent outside. An IP also finds the ranges it lies in, a host or URL ' +
    'its parent domains. Confidence decays with the age of the last sighting.',
  curl:
    'curl -H "Authorization: Bearer $SOAR_API_KEY" \\\n' +
    '  "$SOAR_URL/api/v1/ioc/lookup?type=ip&value=185.220.101.1"',
  query: normalisedQuery,
  responses: { 200: { description: 'What is known; `found` says whether anything is', json: iocAnswerSchema } },
}).handle(async ({ query }, deps) => {
  const now = deps.clock().toISOString();
  const [matches, incidents] = await Promise.all([
    deps.store.iocs.lookup(query),
    deps.store.iocs.incidentsWith(query, MAX_INCIDENTS),
  ]);
  const shown = matches.map((match) => showMatch(match, deps.policy.current(), now));
  return {
    status: 200,
    json: {
      found: matches.length > 0,
      ...query,
      confidence: Math.max(0, ...shown.map(({ confidence }) => confidence)),
      matches: shown,
      sources: [...new Set(shown.flatMap(({ sources }) => sources.map(({ source }) => source)))],
      warning_lists: warningLists(query, deps),
      incidents,
    },
  };
});

function showMatch(match: IocMatch, policy: Policy, now: string) {
  const confidence = decayedConfidence(match, policy, now);
  return {
    type: match.type,
    value: match.value,
    match: match.match,
    confidence,
    base_confidence: match.confidence,
    expired: confidence === 0,
    last_seen: match.lastSeen,
    expires_at: match.expiresAt,
    sources: match.sightings,
  };
}

function warningLists(ref: Pick<Observable, 'type' | 'value'>, { site, policy, guards }: RouteDeps) {
  const observable: Observable = { ...ref, roles: [], flags: flagsOf(ref, site.current()) };
  const hits = guards.current().hits([observable]);
  return guardsFor(hits, [observable], policy.current()).map(({ list, version, kind, reason }) => ({
    list,
    version,
    kind,
    reason,
  }));
}

function flagsOf({ type, value }: Pick<Observable, 'type' | 'value'>, site: SiteKnowledge): Observable['flags'] {
  if (type === 'ip') return ipFlags(value, site);
  return type === 'domain' ? hostFlags(value, site) : [];
}
