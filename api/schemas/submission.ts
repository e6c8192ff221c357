import { z } from 'zod';
import { ALERT_CLASSES } from '../../domain/alert';
import { STATUSES } from '../../domain/incident';
import { SEVERITIES } from '../../domain/severity';
import { classificationSchema, correlationSchema, linksSchema } from './incident';
import { problemSchema } from './problem';
import { text } from './query';

/** Parameters of the calls that take alerts. */
export const submissionQuery = z.strictObject({
  format: text(64)
    .optional()
    .describe('Name of the format it is written in, as the answer names it; found by its shape when left out'),
});

/** Answer of `POST /alerts`. */
export const submissionSchema = z
  .object({
    incident_id: z.string(),
    alert_id: z.string().describe('Our id'),
    source_alert_id: z.string().nullable().describe("The source's own id"),
    status: z.enum(STATUSES),
    duplicate: z.boolean().describe('True: this alert was known already'),
    correlated: z.boolean().describe('True: it joined an incident that was there'),
    correlation: correlationSchema,
    follows: z.string().nullable().describe('Closed by an analyst, or this alert would have joined it'),
    suppressed_by: z
      .string()
      .nullable()
      .describe('The suppression that its incident was closed by as it came: nothing was looked up'),
    format: z.string().describe('Name of the format that was recognised'),
    alert_type: z.enum(ALERT_CLASSES),
    severity: z.enum(SEVERITIES),
    classification: classificationSchema,
    fields: z
      .record(z.string(), z.array(z.string()))
      .describe('JSON pointers of what each field was read from; the empty one is the document as a whole'),
    left_over: z.array(z.string()).describe('JSON pointers of what no field was read from; the first 50'),
    links: linksSchema.extend({ incident: z.string() }),
  })
  .meta({ id: 'Submission' });

const entry = {
  index: z.int().describe('Place in what was sent, from 0; lines without content do not count'),
  http_status: z.int().describe('What it would have been answered alone'),
};
const counts = {
  accepted: z.int(),
  duplicates: z.int().describe('Known already'),
  failed: z.int(),
};

const acceptedEntry = submissionSchema.extend(entry).meta({ id: 'AcceptedEntry' });
const refusedEntry = problemSchema.extend(entry).meta({ id: 'RefusedEntry' });

/** Answer to a document that holds several alerts. */
export const documentSchema = z
  .object({ results: z.array(z.union([acceptedEntry, refusedEntry])), ...counts })
  .meta({ id: 'DocumentAnswer', description: 'What became of each alert of a document, in its order' });

const documentEntry = documentSchema.extend(entry).meta({ id: 'DocumentEntry' });

/** Answer of `POST /alerts/batch`. */
export const batchSchema = z
  .object({ results: z.array(z.union([acceptedEntry, documentEntry, refusedEntry])), ...counts })
  .meta({ id: 'BatchAnswer', description: 'What became of each item, in the order sent; the counts are of alerts' });

export type SubmissionAnswer = z.output<typeof submissionSchema>;
export type DocumentAnswer = z.output<typeof documentSchema>;
export type BatchAnswer = z.output<typeof batchSchema>;
