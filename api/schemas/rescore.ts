import { z } from 'zod';
import { ALERT_CLASSES } from '../../domain/alert';
import { RESCORE_EFFECTS, RESCORE_STATES } from '../../domain/rescore';
import { VERDICTS } from '../../domain/verdict';

const time = () => z.string().meta({ format: 'date-time' });
const version = () =>
  z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable();

const judgedSchema = z
  .object({
    verdict: z.enum(VERDICTS).describe('The machine’s'),
    score: z.int(),
    decision: z.enum(['close', 'open', 'escalate']),
    complete: z.boolean(),
  })
  .meta({ id: 'RescoreJudgement' });

const changeSchema = z
  .object({
    incident_id: z.string(),
    alert_type: z.enum(ALERT_CLASSES),
    old: judgedSchema,
    new: judgedSchema,
    why: z.string().describe('What makes the difference'),
    effect: z
      .enum(RESCORE_EFFECTS)
      .describe(
        'What applying does beside the verdict. verdict: nothing; machine_verdict: an analyst’s verdict stays in force; ' +
          'flag: it stays closed, marked for a second look',
      ),
    applied_at: time().nullable(),
    skipped: z.string().nullable().describe('Why it was not applied'),
  })
  .meta({ id: 'RescoreChange' });

const jobSchema = z.object({
  id: z.string(),
  state: z.enum(RESCORE_STATES),
  requested_by: z.string(),
  applied_by: z.string().nullable(),
  filter: z.record(z.string(), z.unknown()),
  reopen: z.boolean().describe('Incidents that closed themselves are opened again, not only flagged'),
  policy: version().describe('Content hash of the policy that it judges by; null until it has begun'),
  site: version().describe('The same of the site knowledge'),
  counts: z
    .object({
      compared: z.int().describe('Incidents compared so far'),
      failed: z.int().describe('Incidents that could not be judged; they are not among those compared'),
      changed: z.int().describe('Those that come out differently'),
      applied: z.int(),
      skipped: z.int(),
    })
    .meta({ id: 'RescoreCounts' }),
  failures: z
    .array(z.object({ incident_id: z.string(), reason: z.string() }).meta({ id: 'RescoreFailure' }))
    .describe('The first of those that could not be judged, and why'),
  created_at: time(),
  compared_at: time().nullable(),
  expires_at: time().nullable().describe('Until when it may be applied'),
  finished_at: time().nullable(),
  links: z.object({ self: z.string(), apply: z.string() }),
});

/** A re-scoring as it is accepted. */
export const rescoreJobSchema = jobSchema.meta({ id: 'RescoreJob' });

/** A re-scoring with a page of what comes out differently. */
export const rescoreSchema = jobSchema
  .extend({ changes: z.array(changeSchema), next_cursor: z.string().nullable() })
  .meta({ id: 'Rescore' });
