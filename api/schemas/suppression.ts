import { z } from 'zod';
import { ALERT_TYPES } from '../../domain/alert';
import { isBroad, LONGEST_SUPPRESSION_DAYS, patternObservable } from '../../domain/suppression';
import { line, oneOf, reasonSchema } from './changes';
import { instant } from './query';

const LONGEST_OBSERVABLE = 8_192;
const LONGEST_RULE = 2_000;
const LONGEST_SOURCE = 255;

const observable = line(LONGEST_OBSERVABLE)
  .transform((text, context) => {
    const name = patternObservable(text);
    if (name !== undefined) return name;
    const message = 'Must be type:value, such as ip:192.0.2.1; an address is a single one';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .describe('`type:value`, in any common spelling; alerts match that name it in a field, not only in a text');

const PATTERN = ['alert_type', 'observable', 'rule', 'source'] as const;

const TOO_BROAD =
  'A type alone, or a source alone, closes all of its alerts as they come: name an observable or a rule too, or say "broad": true';

export const suppressionRequestSchema = z
  .strictObject({
    alert_type: oneOf(ALERT_TYPES).optional(),
    observable: observable.optional(),
    rule: line(LONGEST_RULE).optional().describe('Id or name of the rule, whole and in any case of letters'),
    source: line(LONGEST_SOURCE).optional().describe('The tool, in any case of letters'),
    reason: reasonSchema.describe('Why it is known; it stands in the audit of every alert'),
    expires_at: instant().describe(`Until when it holds, at most ${LONGEST_SUPPRESSION_DAYS} days ahead`),
    broad: z
      .boolean('Must be true or false')
      .optional()
      .describe('Needs to be true where a type alone, or a source alone, is all that is given'),
  })
  .refine((request) => PATTERN.some((name) => request[name] !== undefined), `Needs one of ${PATTERN.join(', ')}`)
  .refine((request) => request.broad === true || !isBroad(request), TOO_BROAD)
  .meta({ id: 'SuppressionRequest', description: 'All that is given must hold of an alert' });

const time = () => z.string().meta({ format: 'date-time' });

/** A suppression as the API shows it. */
export const suppressionSchema = z
  .object({
    id: z.string(),
    active: z.boolean().describe('Neither removed nor expired'),
    alert_type: z.enum(ALERT_TYPES).nullable(),
    observable: z.string().nullable(),
    rule: z.string().nullable(),
    source: z.string().nullable(),
    reason: z.string(),
    created_by: z.string(),
    created_at: time(),
    expires_at: time(),
    removed_by: z.string().nullable(),
    removed_at: time().nullable(),
    incidents: z.int().describe('Incidents that it has closed, without those that were opened again'),
    alerts: z.int().describe('Alerts in these'),
    last_match: time().nullable().describe('When the latest of these alerts happened'),
    links: z.object({ self: z.string(), incidents: z.string() }),
  })
  .meta({ id: 'Suppression', description: 'A pattern of alerts that somebody knows' });

export const suppressionListSchema = z
  .object({
    items: z.array(suppressionSchema),
    next_cursor: z.string().nullable(),
    links: z.object({ next: z.string().nullable() }),
  })
  .meta({ id: 'SuppressionList' });
