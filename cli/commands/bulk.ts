import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createBulkResults } from '../bulk-results';
import { progressBar, showSummary } from '../bulk-view';
import type { SoarClient } from '../client';
import { CliError, EXIT, UsageError, type ExitCode } from '../errors';
import { interruptible, InterruptedError } from '../interrupt';
import type { Output } from '../output';
import { findFiles } from '../read-alerts';
import type { Session } from '../session';
import { openErrorReport } from '../stream/report';
import { openResumeFile, type ResumeFile } from '../stream/resume-file';
import { runStream, type NamedSource } from '../stream/run';
import { fileSource, stdinSource } from '../stream/source';

export interface BulkCommandOptions {
  wait: boolean;
  /** Seconds, for each verdict. */
  timeout: number;
  /** Texts are read line by line, whatever the files are called. */
  lines?: boolean;
  /** Name of the source format, instead of finding it. */
  format?: string;
  /** File for everything that fails. */
  errors?: string;
  /** Where to keep how far it is; by default in the state folder. */
  resumeFile?: string;
  /** Begins anew where an earlier run was interrupted. */
  restart?: boolean;
}

/** `soar bulk`: every alert in the files and folders; exit 1 when one of them was refused or got no verdict in time. */
export async function bulkCommand(session: Session, paths: string[], options: BulkCommandOptions): Promise<ExitCode> {
  if (paths.length === 0) throw new UsageError('Nothing to submit.', 'Name files or folders, or - for standard input.');
  const sources = await sourcesIn(session, paths);
  if (sources.length === 0) throw nothingIn(paths);
  const client = await session.client();
  const { restart = false, resumeFile = defaultResumeFile(session, paths) } = options;
  const resume = openResumeFile(resumeFile, { restart });
  if (resume.resumed) tell(session.out, 'Going on where the last run stopped; --restart begins anew.');
  return interruptible((signal) => submit(session, { ...options, paths, sources, client, resume, signal }));
}

interface Submitting extends BulkCommandOptions {
  paths: string[];
  sources: SizedSource[];
  client: SoarClient;
  resume: ResumeFile;
  signal: AbortSignal;
}

async function submit({ out }: Session, options: Submitting): Promise<ExitCode> {
  const { client, sources, resume, signal, wait, format, lines = false } = options;
  const report = options.errors ? openErrorReport(options.errors, { append: resume.resumed }) : undefined;
  const bar = progressBar(out, totalSize(sources));
  const results = createBulkResults(out, wait);
  try {
    const done = await runStream({
      ...{ client, sources, resume, signal, format, lines },
      onSent(sent, progress) {
        report?.add(sent);
        results.add(sent);
        bar.sending(progress);
      },
    }).catch((error: unknown) => {
      throw stopped(error, out, resume);
    });
    if (done.alerts === 0 && !resume.resumed) throw nothingIn(options.paths);
    await results.finish({ client, timeoutMs: options.timeout * 1000, signal, onSettled: bar.settled });
    bar.stop();
    const failed = done.failed + results.withoutVerdict;
    if (!out.json) showSummary(out, { ...done, failed, failures: results.failures, report: options.errors });
    return failed > 0 ? EXIT.failure : EXIT.ok;
  } finally {
    bar.stop();
    report?.close();
  }
}

interface SizedSource extends NamedSource {
  size: number | undefined;
}

async function sourcesIn(session: Session, paths: string[]): Promise<SizedSource[]> {
  const files = await findFiles(paths.filter((path) => path !== '-'));
  const named = files.map((name) => ({ name, size: statSync(name).size, open: () => fileSource(name) }));
  if (!paths.includes('-')) return named;
  const input = session.stdin();
  return [{ name: 'stdin', size: undefined, open: () => stdinSource(input) }, ...named];
}

function totalSize(sources: readonly SizedSource[]): number | undefined {
  return sources.reduce<number | undefined>(
    (sum, { size }) => (sum === undefined || size === undefined ? undefined : sum + size),
    0,
  );
}

/** The same call finds it again. */
function defaultResumeFile({ env }: Session, paths: string[]): string {
  const call = JSON.stringify([env.url, ...paths.map((path) => resolve(path)).sort()]);
  const name = createHash('sha256').update(call).digest('hex').slice(0, 16);
  return join(env.homes[0] ?? '.', 'bulk', `${name}.json`);
}

function nothingIn(paths: string[]): CliError {
  return new CliError(`No alerts in ${paths.join(', ')}.`);
}

/** What was submitted is not lost, and nothing of it has to be sent again. */
function stopped(error: unknown, out: Output, resume: ResumeFile): unknown {
  const advice = `What has been submitted is noted in ${resume.path}; the same command goes on from there.`;
  if (error instanceof InterruptedError) return new CliError('Interrupted.', advice);
  tell(out, advice);
  return error;
}

/** With `--json` standard error is for errors alone. */
function tell(out: Output, text: string): void {
  if (!out.json) out.note(text);
}
