import { SingleBar } from 'cli-progress';
import type { BulkResult } from './bulk';
import { orDash, verdictPaint, type Output } from './output';
import type { Progress } from './stream/run';
import { clean } from './text';

export interface Bar {
  sending: (progress: Progress) => void;
  settled: (done: number, total: number) => void;
  stop: () => void;
}

/** A bar while somebody watches: first of the bytes that were sent, then of the verdicts. `total`: bytes, where known. */
export function progressBar(out: Output, total: number | undefined): Bar {
  if (!out.live) return { sending() {}, settled() {}, stop() {} };
  const start = { format: ' {bar} {percentage}% | {text}', stream: process.stderr, barsize: 30, hideCursor: true };
  const bar = new SingleBar({ ...start, clearOnComplete: true });
  bar.start(total || 1, 0, { text: '' });
  return {
    sending({ bytes, alerts, failed }) {
      // what nobody knows the length of is never nearly done
      const failures = failed > 0 ? `, ${failed} failed` : '';
      bar.update(total === undefined ? 0 : bytes, { text: `${alerts} alerts submitted${failures}` });
    },
    settled(done, of) {
      bar.setTotal(of);
      bar.update(done, { text: `${done}/${of} with a verdict` });
    },
    stop: () => bar.stop(),
  };
}

/** A result as `--json` gives it. */
export function machineResult(result: BulkResult): object {
  const { name, answer, incident, failure } = result;
  if (!answer) return { file: name, error: failure };
  const { incident_id, alert_id, duplicate, alert_type, severity, format } = answer;
  const accepted = { file: name, incident_id, alert_id, duplicate, alert_type, severity, format };
  if (!incident) return failure ? { ...accepted, error: failure } : accepted;
  const { verdict, verdict_state, score, status, complete } = incident;
  return { ...accepted, verdict, verdict_state, score, status, complete };
}

/** The table of results, with the verdicts where they were waited for. */
export function showResults(out: Output, results: readonly BulkResult[], wait: boolean): void {
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
}

/** Failures shown one by one; a report file has them all. */
export const MOST_FAILURES = 100;

export interface Summary {
  alerts: number;
  duplicates: number;
  failed: number;
  /** The first of them. */
  failures: readonly { name: string; failure: string | undefined }[];
  /** The file that has them all. */
  report: string | undefined;
}

/** How it went, in one line, and what failed. */
export function showSummary(out: Output, { alerts, duplicates, failed, failures, report }: Summary): void {
  out.line();
  out.line(`${alerts} alerts: ${alerts - failed} done, ${duplicates} of them known before (=), ${failed} failed.`);
  failures.forEach(({ name, failure }) => out.line(out.colours.red(`  ${clean(name)}: ${failure ?? ''}`)));
  if (failed <= failures.length) return;
  const where = report ? `${report} has them all` : '--errors FILE writes them all down';
  out.line(`  … and ${failed - failures.length} more; ${where}.`);
}

/** The folder that all names begin with: it would take the room of what tells them apart. */
function sharedFolder(names: string[]): string {
  const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/', path.length - 2) + 1);
  let folder = parentOf(names[0] ?? '');
  while (!names.every((name) => name.startsWith(folder))) folder = parentOf(folder);
  return folder;
}
