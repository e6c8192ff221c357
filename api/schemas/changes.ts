import { z } from 'zod';
import { LONGEST_HOLD_DAYS, LONGEST_REASON, RESOLUTIONS_BY_HAND } from '../../domain/acts';
import { ALERT_TYPES } from '../../domain/alert';
import { SEVERITIES } from '../../domain/severity';
import { VERDICTS } from '../../domain/verdict';
import { instant } from './query';

const MAX_NOTES = 20_000;
const MAX_ASSIGNEE = 190;

/** Statuses that a person may give; the others are the machine's. */
const STATUSES_BY_HAND = ['open', 'acknowledged', 'on_hold', 'closed'] as const;

/** NUL, and halves of a surrogate pair, which no UTF-8 can hold: the text would come back as another one. */
const UNKEEPABLE = /\0|\p{Surrogate}/u;
const keepable = (text: string): boolean => !UNKEEPABLE.test(text);
const NOT_KEEPABLE = 'Must not hold NUL characters or halves of a surrogate pair';

export const oneOf = <const T extends readonly string[]>(values: T): z.ZodEnum<{ [V in T[number]]: V }> =>
  z.enum(values, { error: `Must be one of ${values.join(', ')}` });

/** A text of some length that the database gives back as it was. */
export const line = (most: number): z.ZodString =>
  z
    .string('Must be a string')
    .trim()
    .min(1, 'Must not be empty')
    .max(most, `Must have at most ${most} characters`)
    .refine(keepable, NOT_KEEPABLE);

export const reasonSchema = line(LONGEST_REASON);

export const changesSchema = z
  .strictObject({
    analyst_notes: z
      .string('Must be a string')
      .max(MAX_NOTES, `Must have at most ${MAX_NOTES} characters`)
      .refine(keepable, NOT_KEEPABLE)
      .optional()
      .describe('Replaces the notes; the old text stays in `notes_history`'),
    assignee: z
      .string('Must be a string or null')
      .trim()
      .min(1, 'Must not be empty; null takes the assignee away')
      .max(MAX_ASSIGNEE, `Must have at most ${MAX_ASSIGNEE} characters`)
      .refine(keepable, NOT_KEEPABLE)
      .nullable()
      .optional(),
    status: oneOf(STATUSES_BY_HAND)
      .optional()
      .describe('acknowledged (also resumes what is on hold), on_hold, closed, or open, which reopens a closed one'),
    resolution: oneOf(RESOLUTIONS_BY_HAND).optional().describe('What it is closed as; needed with status closed'),
    hold_until: instant()
      .optional()
      .describe(`When it goes on by itself; needed with status on_hold, at most ${LONGEST_HOLD_DAYS} days ahead`),
    severity: oneOf(SEVERITIES).optional().describe('Stays, whatever further alerts say'),
    alert_type: oneOf(ALERT_TYPES)
      .optional()
      .describe('The incident goes on in the playbook of that type, with all its evidence'),
    verdict: oneOf(VERDICTS)
      .optional()
      .describe("In force instead of the machine's, which stays beside it; needs a reason"),
    reason: reasonSchema.optional().describe('Why; needed with verdict and with status on_hold'),
  })
  .superRefine((changes, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const { status, resolution, hold_until, verdict, reason } = changes;
    if (Object.keys(changes).every((name) => name === 'reason')) {
      context.addIssue({ code: 'custom', path: [], message: 'Nothing to change' });
    }
    if (status === 'closed' && resolution === undefined) issue('resolution', 'Is needed to close an incident');
    if (status !== 'closed' && resolution !== undefined) issue('resolution', 'Makes sense only with status closed');
    if (status === 'on_hold' && hold_until === undefined) issue('hold_until', 'Is needed to put an incident on hold');
    if (status !== 'on_hold' && hold_until !== undefined) issue('hold_until', 'Makes sense only with status on_hold');
    if (status === 'on_hold' && reason === undefined) issue('reason', 'Is needed to put an incident on hold');
    if (verdict !== undefined && reason === undefined) issue('reason', 'Is needed to override a verdict');
  })
  .meta({ id: 'IncidentChanges' });

export type Changes = z.output<typeof changesSchema>;
