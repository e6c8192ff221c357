import { z } from 'zod';
import { RESOLUTIONS, STATUSES } from '../../domain/incident';
import { SEVERITIES } from '../../domain/severity';
import { VERDICTS } from '../../domain/verdict';

const time = () => z.string().meta({ format: 'date-time' });
const countOf = <const T extends readonly string[]>(values: T) => z.record(z.enum(values), z.int());

const meanSchema = z
  .object({
    seconds: z.number().nullable().describe('Null when no incident counts'),
    incidents: z.int().describe('How many it is the mean of'),
  })
  .meta({ id: 'MeanTime' });

export const statsSchema = z
  .object({
    window: z.object({ from: time(), to: time() }).describe('Incidents that were created then'),
    formulas: z
      .object({ mttd: z.string(), mtta: z.string(), mttr: z.string(), breach_rate: z.string() })
      .describe('How the numbers are made'),
    counts: z.object({
      total: z.int(),
      by_status: countOf(STATUSES).describe('As it is now'),
      by_verdict: countOf(VERDICTS),
      by_severity: countOf(SEVERITIES),
      by_resolution: countOf(RESOLUTIONS),
      suppressed: z.int().describe('Closed as they came'),
      merged: z.int().describe('Merged into another'),
    }),
    queue: z
      .object({
        pending: z.int().describe('Accepted, and not started yet'),
        open: z.int().describe('Not closed'),
        waiting_lookups: z.int(),
      })
      .describe('What there is to do now, whatever the window'),
    mttd: meanSchema.describe('Mean time to detect'),
    mtta: meanSchema.describe('Mean time to acknowledge'),
    mttr: meanSchema.extend({ by_hand: meanSchema, by_itself: meanSchema }).describe('Mean time to resolve'),
    sla: z.object({
      due: z.int().describe('Incidents that have clocks'),
      breached: z.int().describe('At least one clock ran out'),
      breach_rate: z.number().nullable().describe('0 to 1; null when none has clocks'),
      breached_acknowledge: z.int(),
      breached_close: z.int(),
    }),
  })
  .meta({ id: 'Stats' });
