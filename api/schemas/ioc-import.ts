import { z } from 'zod';
import { COLUMNS, type Column } from '../../domain/intel/format';
import { INTEL_FORMATS } from '../../domain/intel/formats';
import { IOC_TYPES } from '../../domain/intel/indicator';
import { oneOf } from './changes';
import { time } from './ioc';
import { days, sourceName, tagText, tlpLabel } from './ioc-entry';
import { text, wholeNumber } from './query';

const IMPORT_STATES = ['queued', 'running', 'done', 'failed'] as const;
const LONGEST_FILE_NAME = 255;
const MOST_TAGS = 50;

/** Column of a CSV file for each part of an indicator. */
export type Columns = Partial<Record<Column, string>>;

const isColumn = (name: string): name is Column => COLUMNS.some((one) => one === name);

/** Of a file of indicators. */
export const formatName = (): z.ZodType<string> =>
  oneOf(INTEL_FORMATS.map(({ name }) => name)).describe('As `GET /iocs/formats` names it; recognised when left out');

/** `value:2,type:Indicator type`: by number from 1, or by header. */
export const columnsText = (): z.ZodType<Columns, string> =>
  z
    .string()
    .transform((list, context) => {
      const columns: Columns = {};
      for (const part of list.split(',')) {
        const [name = '', ...rest] = part.split(':');
        const column = name.trim();
        const header = rest.join(':').trim();
        if (!isColumn(column) || header === '') {
          const message = `Must be like value:2,type:Kind; the parts are ${COLUMNS.join(', ')}`;
          context.addIssue({ code: 'custom', message });
          return z.NEVER;
        }
        columns[column] = header;
      }
      return columns;
    })
    .describe('Of a CSV file: column of each part, by its header or its number from 1, as `value:2,type:Kind`');

const tagWords = (): z.ZodType<string[]> =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').map((tag) => tag.trim()) : value),
    z.array(tagText()).max(MOST_TAGS, `Must have at most ${MOST_TAGS} entries`),
  );

export const importQuery = z.strictObject({
  source: sourceName().describe('Who says what stands in the file'),
  format: formatName().optional(),
  type: oneOf(IOC_TYPES).optional().describe('Of every value, where the file does not say it'),
  confidence: wholeNumber(0, 100).optional().describe("In the place of the source's, where the file does not say it"),
  tlp: tlpLabel().optional(),
  tags: tagWords().optional(),
  expires_after_days: days().optional(),
  columns: columnsText().optional(),
  file_name: text(LONGEST_FILE_NAME).optional(),
});

export const problemsQuery = z.strictObject({
  limit: wholeNumber(1, 1_000).default(200),
  cursor: text(2_000).optional().describe('next_cursor of the page before'),
});

export const importsQuery = z.strictObject({
  source: text(190).optional(),
  limit: wholeNumber(1, 200).default(50),
  cursor: text(2_000).optional().describe('next_cursor of the page before; `source` stays as it was'),
});

const lineProblemSchema = z.object({
  line: z.int(),
  kind: z
    .enum(['refused', 'unsupported', 'flagged'])
    .describe('unsupported: nothing that can be looked up; flagged: kept, and on a warning list or your own'),
  text: z.string(),
  reason: z.string(),
});

const count = (what: string) => z.int().describe(what);

/** An import as lists show it. */
export const importSchema = z
  .object({
    id: z.string(),
    source: z.string(),
    file_name: z.string().nullable(),
    sha256: z.string().describe('Of the file, unpacked'),
    format: z.string().nullable().describe('As recognised, or asked for'),
    state: z.enum(IMPORT_STATES),
    error: z.string().nullable().describe('Why the file as a whole could not be read'),
    progress: z.object({ bytes: z.int(), bytes_done: z.int(), lines: z.int().describe('Line that was read last') }),
    counts: z.object({
      added: count('Entries that were not there'),
      updated: count('Known entries of which the file says something new'),
      unchanged: count('Known just so'),
      revoked: count('Taken back by their source'),
      flagged: count('Of the kept ones: on a warning list, private, or your own'),
      refused: count('Meant as indicators, but none that may be kept'),
      unsupported: count('Nothing that can be looked up'),
    }),
    requested_by: z.string(),
    created_at: time(),
    started_at: time().nullable(),
    finished_at: time().nullable(),
    links: z.object({ self: z.string(), problems: z.string() }),
  })
  .meta({ id: 'IocImport', description: 'A file of indicators, and what became of it' });

/** An import with the first of its problems. */
export const importDetailSchema = importSchema
  .extend({ problems: z.array(lineProblemSchema).describe('The first 100') })
  .meta({ id: 'IocImportDetail' });

/** Answer of `POST /iocs/import`. */
export const importAnswerSchema = importDetailSchema
  .extend({
    repeated: z.boolean().describe('The same file was sent before: this is what became of it'),
    note: z.string().nullable().describe('Why it has not begun, where that is known'),
  })
  .meta({ id: 'IocImportAnswer' });

export const intelFormatsSchema = z
  .object({ formats: z.array(z.object({ name: z.string(), title: z.string() })) })
  .meta({ id: 'IocFormats' });

const page = { next_cursor: z.string().nullable(), links: z.object({ next: z.string().nullable() }) };

export const importListSchema = z.object({ items: z.array(importSchema), ...page }).meta({ id: 'IocImportList' });

export const problemListSchema = z
  .object({ items: z.array(lineProblemSchema), ...page })
  .meta({ id: 'IocImportProblems' });
