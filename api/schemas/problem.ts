import { z } from 'zod';

/** Body of every refusal. */
export const problemSchema = z
  .object({
    type: z.string().describe('Which kind of problem; an anchor of the reference'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What is wrong with this request, for people'),
    instance: z.string().describe('The path that was asked'),
    request_id: z.string().describe('Also in the X-Request-Id header and in the log'),
    errors: z
      .array(
        z.object({
          pointer: z.string().describe('JSON pointer into the body (/src_ip), or ?name for a query parameter'),
          detail: z.string(),
        }),
      )
      .optional()
      .describe('Every offending field'),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document' });
