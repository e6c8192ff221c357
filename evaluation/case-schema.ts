import { z } from 'zod';
import { ALERT_CLASSES } from '../domain/alert';
import { RESOLUTIONS } from '../domain/incident';
import { normaliseValue } from '../domain/normalise';
import { OBSERVABLE_TYPES, parseObservableId, type ObservableId } from '../domain/observable';
import { normaliseTimestamp } from '../domain/time';
import { VERDICTS } from '../domain/verdict';

/** What a case's incident really was, as one knows who was there. */
export const TRUTHS = ['benign', 'malicious'] as const;
export type Truth = (typeof TRUTHS)[number];

/** Instead of a document: the service is down for good, or its quota is spent and the answer will come. */
export type NoAnswer = 'failed' | 'waiting';
/** A document as the service sends it. */
export type ServiceDocument = Record<string, unknown>;
/** What a service says of each observable. */
export type Answers<Word extends string = NoAnswer> = Partial<Record<ObservableId, ServiceDocument | Word>>;

const text = z.string().trim().min(1, 'must not be empty');

const instant = z.string().transform((value, context) => {
  const found = normaliseTimestamp(value);
  if (found === undefined) context.addIssue({ code: 'custom', message: 'is not a time such as 2026-11-20T09:30:00Z' });
  return found ?? '';
});

/** A key under which no lookup would ever find the answer is a slip of the pen. */
const observable = z.string().superRefine((id, context) => {
  const issue = spellingOf(id);
  if (issue !== undefined) context.addIssue({ code: 'custom', message: issue });
});

function spellingOf(id: string): string | undefined {
  const type = OBSERVABLE_TYPES.find((known) => id.startsWith(`${known}:`));
  if (type === undefined) return 'is not an observable such as ip:93.184.216.34';
  const { value } = parseObservableId(id);
  const spelled = normaliseValue(type, value);
  if (spelled === undefined) return `is not of type ${type}`;
  return spelled === value ? undefined : `is asked as ${type}:${spelled}`;
}

const answersOf = <const W extends readonly string[]>(words: W) =>
  z
    .record(
      z.string(),
      z.union([z.enum(words), z.record(z.string(), z.unknown())], {
        error: `is neither a document nor one of ${words.join(', ')}`,
      }),
      { error: 'is no table of answers by observable' },
    )
    .superRefine((answers, context) => {
      for (const id of Object.keys(answers)) {
        const message = spellingOf(id);
        if (message !== undefined) context.addIssue({ code: 'custom', path: [id], message });
      }
    });

const virusTotalAnswers = answersOf(['not_known', 'failed', 'waiting']);

/** No union: what is wrong inside the table would not be told. */
const virustotal = z.unknown().transform((given, context): z.output<typeof virusTotalAnswers> | 'not_configured' => {
  if (given === 'not_configured') return given;
  const parsed = virusTotalAnswers.safeParse(given);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message });
  return z.NEVER;
});

const ioc = z
  .strictObject({
    type: z.enum(OBSERVABLE_TYPES),
    value: text,
    source: text,
    confidence: z.number().int().min(0).max(100),
    last_seen: instant,
    first_seen: instant.optional(),
    expires_at: instant.nullable().optional(),
    tags: z.array(z.string()).optional(),
    reference: z.string().optional(),
  })
  .transform((entry, context) => {
    const value = normaliseValue(entry.type, entry.value);
    if (value === undefined)
      context.addIssue({ code: 'custom', path: ['value'], message: `is not of type ${entry.type}` });
    return { ...entry, value: value ?? '' };
  });

const earlier = z.strictObject({
  id: text,
  alert_type: z.enum(ALERT_CLASSES),
  verdict: z.enum(VERDICTS),
  resolution: z.enum(RESOLUTIONS).nullable().default(null),
  at: instant,
  shares: z.array(observable).min(1),
  hosts: z.array(z.string()),
});

/** A labelled case, as it stands in a file. */
export const caseSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/i, 'is not a short name of letters, digits, dots and dashes'),
  title: text,
  now: instant,
  alerts: z.array(z.record(z.string(), z.unknown())).min(1, 'names no alert'),
  virustotal: virustotal.default({}),
  geoip: answersOf(['failed', 'waiting']).optional(),
  abuseipdb: answersOf(['failed', 'waiting']).optional(),
  iocs: z.array(ioc).default([]),
  earlier: z.array(earlier).default([]),
  site: z.record(z.string(), z.unknown()).default({}),
  truth: z.enum(TRUTHS),
  expected: z.enum(VERDICTS),
  why: text,
});

export type CaseDocument = z.output<typeof caseSchema>;
export type CaseIoc = CaseDocument['iocs'][number];
