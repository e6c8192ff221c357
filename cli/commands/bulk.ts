import { SingleBar } from 'cli-progress';
import { submitAll, type BulkProgress, type BulkResult } from '../bulk';
import { CliError, EXIT, UsageError, type ExitCode } from '../errors';
import { orDash, verdictPaint, type Output } from '../output';
import { findFiles, readDocuments, splitDocuments, type AlertDocument } from '../read-alerts';
import type { Session } from '../session';
import { clean } from '../text';

export interface BulkCommandOptions {
  wait: boolean;
  /** Seconds, for each verdict. */
  timeout: number;
}

/** `soar bulk`: every alert in the files and folders; exit 1 when one of them was refused or got no verdict in time. */
export async function bulkCommand(session: Session, paths: string[], options: BulkCommandOptions): Promise<ExitCode> {
  const documents = await documentsOf(session, paths);
  if (documents.length === 0) throw new CliError(`No alerts in ${paths.join(', ')}.`);
  const { out } = session;
  const client = await session.client();
  const bar = progressBar(out, documents.length, options.wait);
  const results = await submitAll({
    client,
    documents,
    wait: options.wait,
    timeoutMs: options.timeout * 1000,
    onProgress: bar.update,
  }).finally(bar.stop);
  if (out.json) results.forEach((result) => out.data(machineResult(result)));
  else showResults(out, results, options.wait);
  return results.some((result) => result.failure) ? EXIT.failure : EXIT.ok;
}

async function documentsOf(session: Session, paths: string[]): Promise<AlertDocument[]> {
  if (paths.length === 0) throw new UsageError('Nothing to submit.', 'Name files or folders, or - for standard input.');
  const fromStdin = paths.includes('-') ? splitDocuments('stdin', await session.readStdin()) : [];
  const files = await findFiles(paths.filter((path) => path !== '-'));
  return [...fromStdin, ...(await Promise.all(files.map(readDocuments))).flat()];
}

function progressBar(out: Output, total: number, wait: boolean) {
  if (!out.live) return { update: undefined, stop: () => {} };
  const bar = new SingleBar({
    format: ` {bar} {percentage}% | {submitted}/${total} submitted${wait ? ` | {settled}/${total} with a verdict` : ''}`,
    stream: process.stderr,
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(wait ? 2 * total : total, 0, { submitted: 0, settled: 0 });
  return {
    update: ({ submitted, settled }: BulkProgress) => {
      bar.update(wait ? submitted + settled : submitted, { submitted, settled });
    },
    stop: () => bar.stop(),
  };
}

function machineResult(result: BulkResult): object {
  const { name, answer, incident, failure } = result;
  if (!answer) return { file: name, error: failure };
  const { incident_id, alert_id, duplicate, alert_type, severity, format } = answer;
  const accepted = { file: name, incident_id, alert_id, duplicate, alert_type, severity, format };
  if (!incident) return failure ? { ...accepted, error: failure } : accepted;
  const { verdict, verdict_state, score, status, complete } = incident;
  return { ...accepted, verdict, verdict_state, score, status, complete };
}

function showResults(out: Output, results: BulkResult[], wait: boolean): void {
  const shared = sharedFolder(results.map(({ name }) => name));
  const rows = results.map(({ name, answer, incident, failure }) => {
    const mark = failure ? '✗' : answer?.duplicate ? '=' : '✓';
    const common = [mark, clean(name.slice(shared.length)), clean(answer?.alert_type ?? '–'), answer?.severity ?? '–'];
    const verdict = wait ? [incident?.verdict ?? '–', orDash(incident?.score)] : [];
    return [...common, ...verdict, incident?.status ?? answer?.status ?? '–', answer?.incident_id ?? '–'];
  });
  const verdictColumns = [
    { title: 'verdict', paint: verdictPaint(out.colours) },
    { title: 'score', align: 'right' as const },
  ];
  out.table(
    [
      { title: '' },
      { title: 'alert', shrink: true },
      { title: 'type' },
      { title: 'severity' },
      ...(wait ? verdictColumns : []),
      { title: 'status' },
      { title: 'incident' },
    ],
    rows,
  );
  const failed = results.filter((result) => result.failure);
  const duplicates = results.filter((result) => result.answer?.duplicate).length;
  out.line();
  out.line(
    `${results.length} alerts: ${results.length - failed.length} done, ${duplicates} of them known before (=), ${failed.length} failed.`,
  );
  failed.forEach(({ name, failure }) => out.line(out.colours.red(`  ${clean(name)}: ${failure ?? ''}`)));
}

/** The folder that all names begin with: it would take the room of what tells them apart. */
function sharedFolder(names: string[]): string {
  const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/', path.length - 2) + 1);
  let folder = parentOf(names[0] ?? '');
  while (!names.every((name) => name.startsWith(folder))) folder = parentOf(folder);
  return folder;
}
