import { z } from 'zod';
import { linksSchema } from './incident';
import { incidentParams } from './params';

const MAX_REASON = 2000;
/** More would be another incident than the one that is split. */
const MOST_ALERTS = 1000;
/** NUL, and halves of a surrogate pair, which no UTF-8 can hold. */
const UNKEEPABLE = /\0|\p{Surrogate}/u;

const reason = z
  .string('Must be a string')
  .trim()
  .min(1, 'Must not be empty')
  .max(MAX_REASON, `Must have at most ${MAX_REASON} characters`)
  .refine((text) => !UNKEEPABLE.test(text), 'Must not hold NUL characters or halves of a surrogate pair')
  .describe('Why; it stands in the audit of both incidents');

export const mergeRequestSchema = z
  .strictObject({
    into: incidentParams.shape.id.describe('The incident that gets the alerts'),
    reason,
  })
  .meta({ id: 'MergeRequest' });

export const splitRequestSchema = z
  .strictObject({
    alert_ids: z
      .array(
        z
          .string('Must be a string')
          .regex(/^ALT-[0-9A-HJKMNP-TV-Z]{10}$/, 'Must be an alert id, such as ALT-7Q2M4X9K0T'),
        'Must be a list of alert ids',
      )
      .min(1, 'Must not be empty')
      .max(MOST_ALERTS, `Must have at most ${MOST_ALERTS} entries`)
      .describe('The alerts that leave; at least one must stay'),
    reason,
  })
  .meta({ id: 'SplitRequest' });

/** Answer of `POST /incidents/:id/merge`. */
export const mergeSchema = z
  .object({
    incident_id: z.string(),
    merged_into: z.string(),
    alerts: z.int().describe('How many alerts were moved'),
    links: linksSchema.describe('Of the incident that has them now'),
  })
  .meta({ id: 'Merge' });

/** Answer of `POST /incidents/:id/split`. */
export const splitSchema = z
  .object({
    incident_id: z.string().describe('The new incident'),
    split_from: z.string(),
    alerts: z.int().describe('How many alerts were moved'),
    links: linksSchema.describe('Of the new incident'),
  })
  .meta({ id: 'Split' });
