import { stepName, type AuditRow } from './follow';
import type { Output } from './output';
import { renderList } from './table';
import { clean, plural, shortTime } from './text';

/** Rows of the audit: a lookup on one line, however long its summary; what was done, and why, whole. */
export function auditLines(out: Output, rows: readonly AuditRow[], { who = false } = {}): string[] {
  const { dim, green, red, yellow } = out.colours;
  const places = Math.max(2, String(rows.at(-1)?.seq ?? 0).length);
  return rows.flatMap((row) => {
    const paint = row.status === 'ok' ? green : row.status === 'failed' ? red : yellow;
    const status = row.status.padEnd(LONGEST_STATUS);
    return renderList([[String(row.seq).padStart(places), shortTime(row.at), status, textOf(row, who)]], {
      width: out.width,
      paints: [dim, dim, paint],
      oneLine: row.action === 'lookup',
    });
  });
}

const LONGEST_STATUS = 'skipped'.length;

function textOf(row: AuditRow, who: boolean): string {
  const { actor, failures, duration_ms: ms, summary } = row;
  const what = who ? `${stepName(row)} by ${actor}` : stepName(row);
  const took = ms > 0 ? ` (${ms} ms)` : '';
  const failed = failures > 0 ? `after ${plural(failures, 'failed attempt')}: ` : '';
  return clean(`${what}${took}: ${failed}${summary}`);
}
