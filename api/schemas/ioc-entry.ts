import { z } from 'zod';
import { IOC_VERDICTS } from '../../db/ioc-views';
import { TLP_LABELS, type Tlp } from '../../domain/alert';
import { IOC_TYPES } from '../../domain/intel/indicator';
import { readTlp } from '../../domain/tlp';
import { line, oneOf, reasonSchema } from './changes';
import { IOC_STATES, iocSchema, iocType, LONGEST_VALUE } from './ioc';
import { flag, instant, listOf, text, wholeNumber } from './query';

/** What calls about entries take and answer. */

/** The source of what people say by hand. */
export const ANALYST = 'analyst';

/** Of the column that it stands in. */
const LONGEST_NAME = 190;
const MOST_TAGS = 50;
const LONGEST_REFERENCE = 2_000;
const MOST_DAYS = 36_500;

/** A name that is shown in terminals and logs as it is. */
export const sourceName = (): z.ZodString => line(LONGEST_NAME).regex(/^\P{Cc}*$/u, 'Must not hold control characters');
export const tagText = (): z.ZodString => line(LONGEST_NAME);
export const tagList = (): z.ZodArray<z.ZodString> =>
  z.array(tagText(), 'Must be a list').max(MOST_TAGS, `Must have at most ${MOST_TAGS} entries`);

export const confidenceValue = (): z.ZodNumber => {
  const error = 'Must be a whole number from 0 to 100';
  return z.number({ error }).int(error).min(0, error).max(100, error);
};

export const days = (): z.ZodType<number> => wholeNumber(1, MOST_DAYS);

/** In any usual spelling. */
export const tlpLabel = (): z.ZodType<Tlp, string> =>
  z
    .string('Must be a string')
    .transform((label, context) => {
      const read = readTlp(label);
      if (read !== undefined) return read;
      context.addIssue({ code: 'custom', message: `Must be one of ${TLP_LABELS.join(', ')}` });
      return z.NEVER;
    })
    .describe(`One of ${TLP_LABELS.join(', ')}`);

/** What entries are chosen by, in lists and exports. */
export const iocFilters = {
  type: oneOf(IOC_TYPES).optional(),
  source: text(LONGEST_NAME).optional().describe('One that has said something of it'),
  tag: text(LONGEST_NAME).optional().describe('One that a source has given it'),
  min_confidence: wholeNumber(0, 100).optional().describe('Of what age has left of it today'),
  max_age_days: days().optional().describe('Since it was last seen'),
  tlp: tlpLabel().optional().describe('What may be told at that label, at most; what has none counts as clear'),
};

export const iocListQuery = z.strictObject({
  ...iocFilters,
  state: listOf(IOC_STATES).optional(),
  flagged: flag().optional().describe('Special here, or on a warning list'),
  limit: wholeNumber(1, 200).default(50),
  cursor: text(100).optional().describe('next_cursor of the page before; the filters stay as they were'),
});

export const EXPORT_FORMATS = ['csv', 'stix', 'plain'] as const;

export const iocExportQuery = z
  .strictObject({
    format: oneOf(EXPORT_FORMATS),
    ...iocFilters,
    include_expired: flag().default(false).describe('Also what has expired'),
    include_flagged: flag().default(false).describe('Also what is special here, or on a warning list'),
  })
  .refine(({ format, type }) => format !== 'plain' || type !== undefined, {
    path: ['type'],
    error: 'Is needed for a plain list: a firewall takes one type at a time',
  });

export const iocListSchema = z
  .object({
    items: z.array(iocSchema),
    next_cursor: z
      .string()
      .nullable()
      .describe('A page may be short, or empty, and not be the last: go on while there is a cursor'),
    links: z.object({ next: z.string().nullable() }),
  })
  .meta({ id: 'IocList' });

const told = {
  source: sourceName().default(ANALYST).describe('Who says so'),
  confidence: confidenceValue().optional().describe("Default: the source's"),
  tags: tagList().optional(),
  tlp: tlpLabel().optional(),
  expires_at: instant().optional(),
  reference: line(LONGEST_REFERENCE).optional().describe('Where one can read more'),
};

export const iocRequestSchema = z
  .strictObject({
    type: iocType().optional().describe('Told from the value when left out'),
    value: line(LONGEST_VALUE).describe('In any common spelling, defanged too'),
    ...told,
  })
  .meta({ id: 'IocRequest' });

export const iocVerdictSchema = z
  .strictObject({
    verdict: z
      .enum(IOC_VERDICTS, { error: `Must be one of ${IOC_VERDICTS.join(', ')}, or null` })
      .nullable()
      .describe('Holds whatever age and sources say; null takes it back'),
    reason: reasonSchema.optional().describe('Needed with a verdict'),
  })
  .refine(({ verdict, reason }) => verdict === null || reason !== undefined, {
    path: ['reason'],
    error: 'Is needed with a verdict',
  })
  .meta({ id: 'IocVerdict' });

export const confirmRequestSchema = z
  .strictObject({
    observable: line(LONGEST_VALUE).describe('One of the incident, as `type:value`'),
    confidence: confidenceValue().optional(),
    tags: tagList().optional(),
    reason: reasonSchema,
  })
  .meta({ id: 'IocConfirmation' });

export const removedIocSchema = z.object({ id: z.int(), removed: z.literal(true) }).meta({ id: 'RemovedIoc' });

export const removedSightingSchema = z
  .object({ ioc: iocSchema.nullable().describe('null: nothing was left that is said of it, and it is gone') })
  .meta({ id: 'RemovedSighting' });

export const removedSourceSchema = z
  .object({
    source: z.string(),
    sightings: z.int().describe('Taken away'),
    entries: z.int().describe('Gone, since nobody else said anything of them'),
  })
  .meta({ id: 'RemovedIocs' });
