import { z } from 'zod';
import { SOURCE_STATES } from '../../domain/enrichment';
import { OBSERVABLE_TYPES } from '../../domain/observable';
import { linksSchema } from './incident';

/** Answer of `POST /incidents/:id/retry`. */
export const retrySchema = z
  .object({
    incident_id: z.string(),
    retried: z
      .array(
        z.object({
          source: z.string(),
          observable: z.templateLiteral([z.enum(OBSERVABLE_TYPES), ':', z.string()]),
          state: z.enum(SOURCE_STATES).describe('What was known of it before'),
        }),
      )
      .describe('The lookups that are asked again'),
    links: linksSchema,
  })
  .meta({ id: 'Retry' });
