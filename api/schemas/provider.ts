import { z } from 'zod';
import { OBSERVABLE_TYPES } from '../../domain/observable';
import { SEVERITIES } from '../../domain/severity';

const time = () => z.string().meta({ format: 'date-time' });

/** What may be expected of a provider right now, the first that holds. */
export const PROVIDER_STATES = ['not_configured', 'blocked', 'silent', 'spent', 'ready'] as const;
export type ProviderState = (typeof PROVIDER_STATES)[number];

const windowSchema = z.object({
  name: z.string().describe('minute, day, month, …'),
  limit: z.int(),
  used: z.int(),
  left: z.int(),
  resets_at: time().nullable().describe('When used requests begin to come back; null when none is used'),
});

const waitingLookupSchema = z.object({
  incident_id: z.string(),
  observable: z.templateLiteral([z.enum(OBSERVABLE_TYPES), ':', z.string()]),
  severity: z.enum(SEVERITIES).describe('Of the incident: the most severe are asked about first'),
  since: time(),
  until: time().nullable().describe('When it is asked about again, as far as is known'),
  reason: z.string(),
});

const lastErrorSchema = z.object({
  at: time(),
  kind: z.string(),
  message: z.string(),
  http_status: z.int().nullable(),
});

const providerSchema = z
  .object({
    name: z.string(),
    title: z.string().describe('For people'),
    state: z
      .enum(PROVIDER_STATES)
      .describe(
        'not_configured: no key. blocked: it refused the key, which is not sent again before probe_at. ' +
          'silent: it refused for now, or does not answer, and is left alone. spent: nothing of a quota is left. ' +
          'ready: it may be asked, now or at next_slot_at',
      ),
    looks_up: z.array(z.enum(OBSERVABLE_TYPES)),
    configured: z.boolean(),
    setting: z.string().nullable().describe('The variable that sets it up; null when it needs none'),
    windows: z.array(windowSchema).describe('Its quotas; empty when there is none'),
    told: z
      .object({ left: z.int(), until: time() })
      .nullable()
      .describe('What the source itself says is left; null when it does not say'),
    next_slot_at: time().nullable().describe('When the next request may go; null when it may now'),
    in_flight: z.int().describe('Requests under way'),
    waiting: z.object({
      count: z.int().describe('Lookups that wait, in all'),
      incidents: z.int().describe('Incidents that they belong to'),
      items: z.array(waitingLookupSchema).describe('Those that come first, in their order'),
    }),
    error_rate: z.number().nullable().describe('0 to 1, of the last `requests`; null before the first'),
    requests: z.int().describe('How many requests error_rate is about, at most 100'),
    last_error: lastErrorSchema.nullable(),
    last_answer_at: time().nullable(),
    blocked: z
      .object({ since: time(), message: z.string(), probe_at: time() })
      .nullable()
      .describe('It refused the key; one request tries the same key again at probe_at'),
    silent: z
      .object({ until: time(), reason: z.string() })
      .nullable()
      .describe('It refused for now, or has not answered several times in a row'),
    one_at_a_time: z
      .boolean()
      .describe('After a refusal or an outage, until it has answered for five minutes, whatever its quota'),
    updated_at: time(),
  })
  .meta({ id: 'Provider', description: 'One outside source, as the workers that ask it left word' });

/** Answer of `GET /providers`. */
export const providersSchema = z
  .object({ items: z.array(providerSchema).describe('Empty until a worker has reported') })
  .meta({ id: 'Providers' });
