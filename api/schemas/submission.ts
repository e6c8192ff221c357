import { z } from 'zod';
import { ALERT_CLASSES } from '../../domain/alert';
import { STATUSES } from '../../domain/incident';
import { SEVERITIES } from '../../domain/severity';
import { classificationSchema, correlationSchema, linksSchema } from './incident';

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
    format: z.string().describe('Name of the format that was recognised'),
    alert_type: z.enum(ALERT_CLASSES),
    severity: z.enum(SEVERITIES),
    classification: classificationSchema,
    links: linksSchema.extend({ incident: z.string() }),
  })
  .meta({ id: 'Submission' });
