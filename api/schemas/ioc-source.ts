import { z } from 'zod';
import { RELIABILITIES } from '../../domain/signal';
import { line, oneOf } from './changes';
import { time } from './ioc';
import { formatName } from './ioc-import';
import { confidenceValue, tagList, tlpLabel } from './ioc-entry';

const LONGEST_DESCRIPTION = 2_000;
const LONGEST_ADDRESS = 2_000;
const MOST_DAYS = 36_500;
const LEAST_SECONDS = 60;
const MOST_SECONDS = 30 * 86_400;

const within = (least: number, most: number) => {
  const error = `Must be a whole number from ${least} to ${most}`;
  return z.number({ error }).int(error).min(least, error).max(most, error);
};

const feedRequestSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'Must be an http(s) address' })
    .max(LONGEST_ADDRESS, `Must have at most ${LONGEST_ADDRESS} characters`),
  format: formatName().nullable().default(null),
  columns: z.record(z.string(), z.string()).nullable().default(null).describe('Of a CSV file: column of each part'),
  every_seconds: within(LEAST_SECONDS, MOST_SECONDS).default(3_600),
  paused: z.boolean('Must be true or false').default(false),
});

const DEFAULT_CONFIDENCE = 50;

/** All settings of a source: what is left out is as its default says, whatever it was. */
export const sourceRequestSchema = z
  .strictObject({
    reliability: oneOf(RELIABILITIES).describe(
      'How far it is believed, A to F: what it says weighs so much in a verdict',
    ),
    confidence: confidenceValue().default(DEFAULT_CONFIDENCE).describe('Of what it says without a number, 0–100'),
    tlp: tlpLabel().nullable().default(null).describe('Of what it says without a label'),
    expires_after_days: within(1, MOST_DAYS)
      .nullable()
      .default(null)
      .describe('After the last sighting; null: by age only'),
    tags: tagList().default([]).describe('Of all that it says'),
    description: line(LONGEST_DESCRIPTION).nullable().default(null),
    feed: feedRequestSchema.nullable().default(null).describe('Where it is fetched from regularly'),
  })
  .meta({ id: 'IocSourceRequest' });

/** A source as the API shows it. */
export const sourceSchema = z
  .object({
    name: z.string(),
    declared: z.boolean().describe('Somebody has given it settings; else it has only said something'),
    reliability: z.enum(RELIABILITIES),
    confidence: z.int(),
    tlp: z.string().nullable(),
    expires_after_days: z.int().nullable(),
    tags: z.array(z.string()),
    description: z.string().nullable(),
    feed: z
      .object({
        url: z.string().describe('Without the password, where it has one'),
        format: z.string().nullable(),
        columns: z.record(z.string(), z.string()).nullable(),
        every_seconds: z.int(),
        paused: z.boolean(),
      })
      .nullable(),
    entries: z.int().describe('Of which it says something'),
    last_poll: z
      .object({
        at: time().nullable(),
        outcome: z.enum(['not_modified', 'imported', 'failed']).nullable(),
        error: z.string().nullable(),
        import_id: z.string().nullable(),
      })
      .describe('Of its feed'),
    created_at: time().nullable(),
    created_by: z.string().nullable(),
    links: z.object({ self: z.string(), iocs: z.string() }),
  })
  .meta({ id: 'IocSource', description: 'Who says something of values, and how far that is believed' });

export const sourceListSchema = z.object({ items: z.array(sourceSchema) }).meta({ id: 'IocSourceList' });

export const removedSettingsSchema = z
  .object({ name: z.string(), removed: z.literal(true) })
  .meta({ id: 'RemovedIocSource' });

export const pollSchema = z
  .object({ source: z.string(), links: z.object({ source: z.string() }) })
  .meta({ id: 'IocFeedPoll' });
