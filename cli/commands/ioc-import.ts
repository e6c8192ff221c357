import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { given } from '../../domain/given';
import type { SoarClient } from '../client';
import { CliError, EXIT, UsageError, messageOf, type ExitCode } from '../errors';
import { ApiUnreachableError } from '../http';
import { interruptible } from '../interrupt';
import type { IocImport, IocImportAnswer } from '../ioc-client';
import { importBar, type ImportBar } from '../ioc-progress';
import { showImport, showImports, type LineProblem } from '../ioc-import-view';
import { describeFailure } from '../problems';
import type { Session } from '../session';

export interface ImportOptions {
  source: string;
  format?: string;
  type?: string;
  confidence?: number;
  tlp?: string;
  tag?: string[];
  expiresAfter?: number;
  columns?: string;
  /** All of them are shown. */
  problems?: true;
  wait: boolean;
  /** Seconds. */
  timeout: number;
}

export interface ImportsOptions {
  source?: string;
  limit?: string;
  cursor?: string;
}

/** What is sent; `size` where somebody knows. */
interface SentFile {
  name: string;
  size: number | undefined;
  bytes: () => AsyncIterable<Buffer>;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;
/** A short restart of the API is sat out. */
const UNREACHABLE_LIMIT = 5;
const PROBLEM_PAGE = '1000';

/**
 * `soar ioc import FILE…`: one import for each, one after the other; a file that fails leaves the others alone. Exit 1 when
 * one could not be taken in or read.
 */
export async function iocImportCommand(session: Session, paths: string[], options: ImportOptions): Promise<ExitCode> {
  const files = await Promise.all(paths.map((path) => fileNamed(session, path)));
  const client = await session.client();
  const { out } = session;
  let failed = false;
  await interruptible(async (signal) => {
    for (const file of files) {
      try {
        const job = await importOne(session, client, { file, options, signal });
        const problems = options.problems ? await allProblems(client, job.id) : job.problems;
        if (out.json) out.data({ file: file.name, ...job, problems });
        else showImport(out, { job, name: file.name, problems, all: options.problems === true });
        failed ||= job.state === 'failed';
      } catch (error) {
        signal.throwIfAborted();
        if (files.length === 1) throw error;
        failed = true;
        if (out.json) out.data({ file: file.name, error: describeFailure(error) });
        else out.line(out.colours.red(`✗ ${file.name}: ${describeFailure(error)}`));
      }
    }
  });
  return failed ? EXIT.failure : EXIT.ok;
}

/** @throws UsageError when it cannot be read */
async function fileNamed(session: Session, path: string): Promise<SentFile> {
  if (path === '-') return { name: 'standard input', size: undefined, bytes: once(() => session.stdin()) };
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new UsageError(`${path} is a folder: name the files in it.`);
    return { name: path, size: found.size, bytes: () => createReadStream(path) };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path} cannot be read (${messageOf(error)}).`);
  }
}

/** What comes down a pipe cannot be sent again. */
function once(open: () => AsyncIterable<Buffer>): () => AsyncIterable<Buffer> {
  let opened = false;
  return () => {
    if (opened)
      throw new CliError('Standard input was sent once, and no answer came.', 'Save it as a file and import that.');
    opened = true;
    return open();
  };
}

async function importOne(
  { out }: Session,
  client: SoarClient,
  { file, options, signal }: { file: SentFile; options: ImportOptions; signal: AbortSignal },
): Promise<IocImport | IocImportAnswer> {
  const bar = importBar(out, basename(file.name), file.size);
  try {
    const bytes = (): AsyncIterable<Buffer> => counting(file.bytes(), bar);
    const answer = await client.iocs.import({ bytes, query: queryOf(file, options), signal });
    if (answer.note !== null) out.note(answer.note);
    return options.wait
      ? await followImport(client, answer, { bar, signal, timeoutMs: options.timeout * 1000 })
      : answer;
  } finally {
    bar.stop();
  }
}

function queryOf({ name, size }: SentFile, options: ImportOptions): Record<string, string> {
  const { source, format, type, confidence, tlp, tag, expiresAfter, columns } = options;
  return given({
    ...{ source, format, type, tlp, columns },
    confidence: confidence?.toString(),
    tags: tag?.join(','),
    expires_after_days: expiresAfter?.toString(),
    file_name: size === undefined ? undefined : basename(name),
  });
}

async function* counting(bytes: AsyncIterable<Buffer>, bar: ImportBar): AsyncGenerator<Buffer> {
  let sent = 0;
  for await (const chunk of bytes) {
    yield chunk;
    sent += chunk.length;
    bar.sent(sent);
  }
}

/** Polls until it is over. @throws CliError when that takes too long; it goes on without us */
async function followImport(
  client: SoarClient,
  answer: IocImportAnswer,
  { bar, signal, timeoutMs }: { bar: ImportBar; signal: AbortSignal; timeoutMs: number },
): Promise<IocImport | IocImportAnswer> {
  const deadline = performance.now() + timeoutMs;
  let job: IocImport | IocImportAnswer = answer;
  let unreachable = 0;
  for (let pause = FIRST_PAUSE_MS; job.state !== 'done' && job.state !== 'failed';) {
    if (performance.now() > deadline) {
      const text = `${job.id} is not done after ${Math.round(timeoutMs / 1000)} s.`;
      throw new CliError(text, `It goes on; look again with \`soar ioc imports ${job.id}\`.`);
    }
    await sleep(pause, undefined, { signal });
    pause = Math.min(LONGEST_PAUSE_MS, pause * 1.5);
    try {
      job = { ...(await client.iocs.importJob(job.id, signal)), repeated: answer.repeated };
      unreachable = 0;
      bar.read(job);
    } catch (error) {
      if (!(error instanceof ApiUnreachableError) || ++unreachable > UNREACHABLE_LIMIT) throw error;
    }
  }
  return job;
}

/** `soar ioc imports`: those that were, and how far those are that go on; with an id, one of them whole. */
export async function iocImportsCommand(
  session: Session,
  id: string | undefined,
  options: ImportsOptions & { problems?: true },
): Promise<ExitCode> {
  const client = await session.client();
  const { out } = session;
  if (id !== undefined) {
    const job = await client.iocs.importJob(id.toUpperCase());
    const problems = options.problems ? await allProblems(client, job.id) : job.problems;
    if (out.json) out.data({ ...job, problems });
    else showImport(out, { job, name: job.file_name ?? job.source, problems, all: options.problems === true });
    return EXIT.ok;
  }
  const { source, limit, cursor } = options;
  const page = await client.iocs.imports(given({ source, limit, cursor }));
  if (out.json) out.data(page);
  else showImports(out, page);
  return EXIT.ok;
}

async function allProblems(client: SoarClient, id: string): Promise<LineProblem[]> {
  const problems: LineProblem[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: Record<string, string> = { limit: PROBLEM_PAGE, ...(cursor === '' ? {} : { cursor }) };
    const page = await client.iocs.problems(id, query);
    problems.push(...page.items);
    cursor = page.next_cursor;
  }
  return problems;
}
