import { z } from 'zod';
import { IOC_VERDICTS } from '../../db/ioc-views';
import { IOC_TYPES } from '../../domain/intel/indicator';
import { OBSERVABLE_FLAGS } from '../../domain/observable';
import { RELIABILITIES } from '../../domain/signal';
import { oneOf } from './changes';
import { problemSchema } from './problem';
import { text } from './query';

/** What entries of the IOC database look like, wherever they are shown. */

export const time = (): z.ZodString => z.string().meta({ format: 'date-time' });
export const iocType = (): ReturnType<typeof oneOf<typeof IOC_TYPES>> => oneOf(IOC_TYPES);
export const LONGEST_VALUE = 8_192;

const sightingSchema = z.object({
  source: z.string(),
  reliability: z.enum(RELIABILITIES).nullable().describe('Of the source, A to F; null: nobody has given it one'),
  confidence: z.number().describe('0–100, as the source gave it'),
  first_seen: time(),
  last_seen: time(),
  expires_at: time().nullable(),
  tlp: z.string().nullable(),
  tags: z.array(z.string()),
  reference: z.string().nullable(),
  added_by: z.string().nullable(),
  added_at: time().nullable(),
  import_id: z.string().nullable().describe('The import that told it last'),
  revoked_at: time().nullable().describe('When the source took it back'),
});

const overrideSchema = z.object({
  verdict: z.enum(IOC_VERDICTS),
  reason: z.string(),
  by: z.string(),
  at: time(),
});

export const IOC_STATES = ['active', 'expired', 'confirmed', 'dismissed'] as const;

/** How an entry stands today. */
const standing = {
  id: z.int(),
  type: z.enum(IOC_TYPES),
  value: z.string(),
  state: z.enum(IOC_STATES).describe('confirmed, dismissed: an analyst has said so, whatever age and sources say'),
  confidence: z.number().describe('What age has left of it, 0–100; 0 is expired or dismissed, 100 confirmed'),
  base_confidence: z.number().describe('As it was given'),
  expired: z.boolean(),
  last_seen: time(),
  expires_at: time().nullable(),
  override: overrideSchema.nullable().describe('What an analyst says of it'),
  sources: z.array(sightingSchema),
};

export const warnings = {
  flags: z.array(z.enum(OBSERVABLE_FLAGS)).describe('Why the value is special here'),
  warning_lists: z.array(
    z.object({
      list: z.string(),
      version: z.string(),
      kind: z.enum(['benign', 'shared', 'marks']),
      reason: z.string(),
    }),
  ),
};

/** An entry of the database. */
export const iocSchema = z
  .object({
    ...standing,
    tlp: z.string().nullable().describe('The strictest label that a source gives it'),
    tags: z.array(z.string()),
    flagged: z.boolean().describe('Special here, or on a warning list: kept, but in no export unless asked for'),
    ...warnings,
    created_at: time(),
    created_by: z.string(),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'Ioc', description: 'An entry of the IOC database, with all that sources say of it' });

export const iocDetailSchema = iocSchema
  .extend({
    incidents: z.array(z.string()).describe('Incidents that hold the value, newest first'),
    history: z
      .array(z.object({ at: time(), actor: z.string(), action: z.string(), summary: z.string() }))
      .describe('What people have done to it, from the audit: the last 50, newest first'),
  })
  .meta({ id: 'IocDetail' });

const matchSchema = z.object({ ...standing, match: z.enum(['exact', 'cidr', 'parent_domain', 'url_host']) });

/** Answer of `GET /ioc/lookup`. */
export const iocAnswerSchema = z
  .object({
    found: z.boolean().describe('True when an entry matches, expired ones included'),
    type: z.enum(IOC_TYPES),
    detected: z.boolean().describe('True: the type was not asked for, but told from the value'),
    value: z.string().describe('As it is spelled inside'),
    confidence: z.number().describe('The highest that is left among the matches, 0–100'),
    matches: z.array(matchSchema),
    sources: z.array(z.string()).describe('Names of everybody who reported it'),
    ...warnings,
    incidents: z.array(z.string()).describe('Incidents that hold the value, newest first'),
  })
  .meta({ id: 'IocAnswer' });

const entry = {
  index: z.int().describe('Place among the values, from 0'),
  http_status: z.int().describe('What it would have been answered alone'),
};

/** Answer of `POST /ioc/lookup`. */
export const iocAnswersSchema = z
  .object({
    results: z.array(
      z.union([
        iocAnswerSchema.extend(entry).meta({ id: 'IocAnswerEntry' }),
        problemSchema.extend(entry).meta({ id: 'IocProblemEntry' }),
      ]),
    ),
    found: z.int(),
    failed: z.int(),
  })
  .meta({ id: 'IocAnswers', description: 'What is known of each value, in the order of the values' });

/** Looked at one by one, so that a wrong one fails alone. */
export const lookupValueSchema = z.union([
  z.string(),
  z.strictObject({ type: iocType().optional(), value: z.string() }),
]);

export const lookupRequestSchema = z
  .strictObject({ values: z.array(z.unknown(), 'Must be a list of values').min(1, 'Must not be empty') })
  .meta({ id: 'IocLookupRequest', description: 'Each value is a text, or {"type": …, "value": …}; at most 1,000' });

export const lookupQuery = z.strictObject({
  type: iocType().optional().describe('Told from the value when left out'),
  value: text(LONGEST_VALUE).describe('In any common spelling, defanged too; a range is found exactly'),
});
