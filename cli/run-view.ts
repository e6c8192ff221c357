import type { Incident } from './client';
import { stepName, type AuditRow } from './follow';
import { orDash, verdictPaint, type Output } from './output';
import { renderList } from './table';
import { clean, clockTime, wrap } from './text';

const MARKS: Record<string, string> = { ok: '✓', failed: '✗', skipped: '–', waiting: '…' };

/** One finished step of a run that is being followed. */
export function showStep(out: Output, row: AuditRow): void {
  const mark = MARKS[row.status] ?? '?';
  const paint =
    row.status === 'failed' ? out.colours.red : row.status === 'ok' ? out.colours.green : out.colours.yellow;
  const lines = renderList([[clockTime(row.at), mark, stepName(row), clean(row.summary)]], {
    width: out.width,
    indent: 0,
    paints: [out.colours.dim, paint],
    oneLine: true,
  });
  lines.forEach((line) => out.line(line));
}

/** How the run ended; with `before`, what has changed since. */
export function showOutcome(out: Output, incident: Incident, before?: Incident): void {
  const { bold } = out.colours;
  const paint = verdictPaint(out.colours);
  const verdict = change(before && paint(before.verdict), paint(incident.verdict));
  const score = change(before && orDash(before.score), orDash(incident.score));
  const ending = [incident.status, incident.resolution].filter(Boolean).join(', ');
  out.line();
  out.line(`${bold('Verdict')}  ${verdict}   ${bold('Score')} ${score}   ${bold('Status')} ${ending}`);
  for (const line of wrap(clean(explanationOf(incident) ?? ''), out.width)) out.line(line);
  for (const missing of incident.missing) {
    out.line(
      out.colours.yellow(`  missing: ${missing.source} for ${clean(missing.observable)} (${clean(missing.reason)})`),
    );
  }
  out.line();
}

/** Why the verdict is what it is, or why there will be none. */
export function explanationOf({ explanation, suppressed_by }: Incident): string | null {
  return suppressed_by ? `Closed as it came: known (${suppressed_by}). Nothing was looked up.` : explanation;
}

function change(before: string | undefined, after: string): string {
  return before === undefined || before === after ? after : `${before} → ${after}`;
}
