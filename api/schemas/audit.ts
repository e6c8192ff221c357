import { z } from 'zod';
import { auditSchema } from './incident';

/** Answer of `GET /audit/:chain`. */
export const auditPageSchema = z
  .object({
    items: z.array(auditSchema),
    next_after: z.int().nullable().describe('`after` of the next page; null behind the last row'),
    links: z.object({ next: z.string().nullable() }),
  })
  .meta({ id: 'AuditPage' });
