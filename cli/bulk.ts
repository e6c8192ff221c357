import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { ALERT_TYPES } from '../domain/alert';
import { VERDICTS } from '../domain/verdict';
import type { Incident, SoarClient, SubmissionAnswer } from './client';
import { CliError } from './errors';
import { followToVerdict } from './follow';
import { mapPool } from '../domain/map-pool';
import { describeFailure } from './problems';
import { findFiles, readDocuments, type AlertDocument } from './read-alerts';
import { renderTable } from './table';
import { clean } from './text';

/** What became of one submitted document. */
export interface BulkResult {
  name: string;
  answer: SubmissionAnswer | undefined;
  /** Only when the verdict was waited for. */
  incident: Incident | undefined;
  /** Why there is no answer or no verdict. */
  failure: string | undefined;
}

export interface BulkProgress {
  total: number;
  submitted: number;
  /** With a verdict, or failed. */
  settled: number;
  name: string;
}

export interface BulkOptions {
  client: Pick<SoarClient, 'submit' | 'incident'>;
  documents: AlertDocument[];
  wait: boolean;
  /** For each verdict, ms; default 5 min. */
  timeoutMs?: number;
  onProgress?: ((progress: BulkProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

const AT_ONCE = 8;
const TIMEOUT_MS = 5 * 60_000;

/**
 * Submits every document and, with `wait`, follows each incident to its verdict. A document that is refused fails alone.
 * Submitting comes first for all of them, so that the engine works while the rest goes in.
 */
export async function submitAll(options: BulkOptions): Promise<BulkResult[]> {
  const { client, documents, signal } = options;
  const counts = { total: documents.length, submitted: 0, settled: 0 };
  const report = (name: string) => options.onProgress?.({ ...counts, name });

  const accepted = await mapPool(documents, AT_ONCE, async (document): Promise<BulkResult> => {
    const result: BulkResult = { name: document.name, answer: undefined, incident: undefined, failure: undefined };
    try {
      result.answer = await client.submit({ ...document, signal });
    } catch (error) {
      signal?.throwIfAborted();
      result.failure = describeFailure(error);
    }
    counts.submitted++;
    if (result.failure || !options.wait) counts.settled++;
    report(document.name);
    return result;
  });
  if (!options.wait) return accepted;
  return followAll(accepted, {
    ...options,
    onSettled: ({ name }) => {
      counts.settled++;
      report(name);
    },
  });
}

export interface FollowAllOptions extends Pick<BulkOptions, 'timeoutMs' | 'signal'> {
  client: Pick<SoarClient, 'incident'>;
  /** Once for each that was accepted. */
  onSettled?: (result: BulkResult) => void;
}

/** Waits for the verdict of each alert that was accepted. */
export function followAll(results: readonly BulkResult[], options: FollowAllOptions): Promise<BulkResult[]> {
  const { client, timeoutMs = TIMEOUT_MS, signal } = options;
  return mapPool(results, AT_ONCE, async (result) => {
    if (!result.answer) return result;
    const incidentId = result.answer.incident_id;
    try {
      return { ...result, incident: await followToVerdict({ client, incidentId, timeoutMs, signal }) };
    } catch (error) {
      signal?.throwIfAborted();
      return { ...result, failure: describeFailure(error) };
    } finally {
      options.onSettled?.(result);
    }
  });
}

/** How one sample did against what an analyst expects of it. */
export interface SampleResult {
  /** File name inside the samples folder, with forward slashes. */
  sample: string;
  type: string;
  expectedType: string;
  verdict: string;
  expected: string;
  score: number | null;
  status: string;
  incident: string;
  duplicate: boolean;
  ok: boolean;
  /** Why it is not ok. */
  problem: string | undefined;
}

interface Expectation {
  type: string;
  verdict: string;
  why: string;
}

export interface SubmitSamplesOptions {
  client: Pick<SoarClient, 'submit' | 'incident'>;
  /** The folder that holds the samples and their `expected.json`. */
  dir: string;
  onProgress?: (progress: BulkProgress) => void;
  signal?: AbortSignal;
  /** For each verdict, ms; default 5 min. */
  timeoutMs?: number;
}

/**
 * Submits every sample, waits for the verdicts and compares. Samples have ids of their own: a second call finds the
 * incidents of the first.
 * @throws CliError when expected.json and the files do not belong together
 */
export async function submitSamples(options: SubmitSamplesOptions): Promise<SampleResult[]> {
  const { client, dir, onProgress, signal, timeoutMs } = options;
  const [expected, files] = await Promise.all([readExpectations(dir), findFiles([dir])]);
  const documents = (await Promise.all(files.map(readDocuments)))
    .flat()
    .map((document) => ({ ...document, name: relative(dir, document.name).split(sep).join('/') }));
  requireSame(
    Object.keys(expected),
    documents.map((document) => document.name),
    dir,
  );
  const results = await submitAll({
    client,
    documents,
    wait: true,
    signal,
    onProgress,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  return results.map((result) => judge(result, expected[result.name]));
}

/** @throws CliError when the file is missing or names a type or verdict that does not exist */
export async function readExpectations(dir: string): Promise<Record<string, Expectation>> {
  const file = join(dir, 'expected.json');
  const parsed = JSON.parse(await readFile(file, 'utf8')) as Record<string, Expectation>;
  for (const [name, { type, verdict }] of Object.entries(parsed)) {
    const known = ALERT_TYPES.some((each) => each === type) && VERDICTS.some((each) => each === verdict);
    if (!known) throw new CliError(`${file}: ${name} expects an unknown type or verdict (${type}, ${verdict}).`);
  }
  return parsed;
}

function requireSame(expected: string[], found: string[], dir: string): void {
  const missing = expected.filter((name) => !found.includes(name));
  const extra = found.filter((name) => !expected.includes(name));
  const problems = [
    ...missing.map((name) => `${name} is in expected.json but not in the folder`),
    ...extra.map((name) => `${name} has no entry in expected.json`),
  ];
  if (problems.length > 0) throw new CliError(`The samples in ${dir} are not complete: ${problems.join('; ')}.`);
}

function judge(result: BulkResult, expectation: Expectation | undefined): SampleResult {
  const { answer, incident } = result;
  const type = incident?.alert_type ?? answer?.alert_type ?? '–';
  const verdict = incident?.verdict ?? '–';
  const problem = result.failure ?? differences({ type, verdict }, expectation);
  return {
    sample: result.name,
    type,
    expectedType: expectation?.type ?? '–',
    verdict,
    expected: expectation?.verdict ?? '–',
    score: incident?.score ?? null,
    status: incident?.status ?? answer?.status ?? '–',
    incident: answer?.incident_id ?? '–',
    duplicate: answer?.duplicate ?? false,
    ok: problem === undefined,
    problem,
  };
}

function differences(got: { type: string; verdict: string }, expected: Expectation | undefined): string | undefined {
  if (!expected) return 'no expectation';
  const wrong = [
    got.type === expected.type ? undefined : `type is ${got.type}, expected ${expected.type}`,
    got.verdict === expected.verdict ? undefined : `verdict is ${got.verdict}, expected ${expected.verdict}`,
  ].filter((each) => each !== undefined);
  return wrong.length > 0 ? wrong.join('; ') : undefined;
}

/** The table of `npm run demo`, no wider than 100 columns; failing rows start with ✗, and the reasons stand below. */
export function printSampleTable(
  results: SampleResult[],
  paintVerdict: (text: string) => string = (text) => text,
): string {
  const table = renderTable(
    [
      { title: '' },
      { title: 'sample', shrink: true },
      { title: 'type' },
      { title: 'verdict', paint: paintVerdict },
      { title: 'score', align: 'right' },
      { title: 'expected' },
      { title: 'status' },
      { title: 'incident' },
    ],
    results.map((result) => [
      result.ok ? '✓' : '✗',
      result.sample.replace(`${result.type}/`, '').replace(/\.json$/, ''),
      result.type,
      result.verdict,
      result.score === null ? '–' : String(result.score),
      result.expected,
      result.status,
      result.incident,
    ]),
    100,
  );
  const failed = results.filter((result) => !result.ok);
  const reasons = failed.map((result) => `  ✗ ${result.sample}: ${clean(result.problem ?? '')}`);
  return reasons.length > 0 ? [table, '', ...reasons].join('\n') : table;
}
