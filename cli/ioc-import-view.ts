import type { IocImport, IocImportPage } from './ioc-client';
import { orDash, type Output } from './output';
import { renderList } from './table';
import { clean, counted, minute, plural } from './text';

export type LineProblem = IocImport['problems'][number];

/** Problems that are shown when not all are asked for. */
const FIRST = 20;

interface ShownImport {
  job: IocImport & { repeated?: boolean };
  name: string;
  problems: readonly LineProblem[];
  all: boolean;
}

/** What became of a file, and of its lines. */
export function showImport(out: Output, { job, name, problems, all }: ShownImport): void {
  const { bold, dim, red, yellow } = out.colours;
  const { state, counts, progress } = job;
  const paint = { queued: yellow, running: yellow, done: out.colours.green, failed: red }[state];
  const again = job.repeated === true ? ', sent before' : '';
  const format = job.format === null ? '' : `, ${job.format}`;
  out.line(`${bold(clean(name))}  ${paint(`${state}${again}`)}  ${dim(`${job.id}, ${clean(job.source)}${format}`)}`);
  if (job.error !== null) out.line(red(`  ${clean(job.error)}`));
  const { added, updated, unchanged, revoked } = counts;
  const kept = `${counted(added)} added, ${counted(updated)} updated, ${counted(unchanged)} unchanged`;
  out.line(`  ${kept}${revoked > 0 ? `, ${counted(revoked)} taken back` : ''} of ${plural(progress.lines, 'line')}`);
  if (state === 'running' || state === 'queued') {
    const percent = Math.floor((progress.bytes_done / Math.max(1, progress.bytes)) * 100);
    out.line(`  ${percent} % read; it goes on: soar ioc imports ${job.id}`);
  }
  showProblems(out, job, problems, all);
}

function showProblems(out: Output, { id, counts }: IocImport, problems: readonly LineProblem[], all: boolean): void {
  const { refused, unsupported, flagged } = counts;
  if (refused + unsupported + flagged === 0) return;
  const { yellow, dim } = out.colours;
  const parts = [
    ...(refused > 0 ? [`${counted(refused)} refused`] : []),
    ...(unsupported > 0 ? [`${counted(unsupported)} not of a kind that can be looked up`] : []),
    ...(flagged > 0 ? [`${counted(flagged)} kept but flagged`] : []),
  ];
  out.line(yellow(`  ${parts.join(', ')}`));
  const shown = all ? problems : pressing(problems).slice(0, FIRST);
  const rows = shown.map(({ line, kind, text, reason }) => [`line ${line}`, kind, clean(`${text}: ${reason}`)]);
  renderList(rows, { width: out.width, indent: 4, paints: [dim, dim] }).forEach((line) => out.line(line));
  const more = refused + unsupported + flagged - shown.length;
  if (more > 0 && !all) out.line(`    … and ${counted(more)} more: soar ioc imports ${id} --problems`);
}

/** What somebody may have to mend; what no file can help is counted, and shown where there is nothing else. */
function pressing(problems: readonly LineProblem[]): readonly LineProblem[] {
  const ofKind = (wanted: LineProblem['kind']): LineProblem[] => problems.filter(({ kind }) => kind === wanted);
  const first = [...ofKind('refused'), ...ofKind('flagged')];
  return first.length > 0 ? first : problems;
}

/** One line for each. */
export function showImports(out: Output, { items, next_cursor: next }: IocImportPage): void {
  if (items.length === 0) {
    out.line('Nothing was imported.');
    return;
  }
  out.table(
    [
      { title: 'import' },
      { title: 'source', shrink: true },
      { title: 'state', paint: (text) => (text.trim() === 'failed' ? out.colours.red(text) : text) },
      { title: 'added', align: 'right' },
      { title: 'updated', align: 'right' },
      { title: 'refused', align: 'right' },
      { title: 'when' },
      { title: 'by', shrink: true },
    ],
    items.map(({ id, source, state, counts, created_at, requested_by }) => [
      ...[id, clean(source), state, counted(counts.added), counted(counts.updated), counted(counts.refused)],
      ...[minute(created_at), orDash(requested_by)],
    ]),
  );
  if (next) out.note(`More: add --cursor ${next}`);
}
