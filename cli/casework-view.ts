import { CLOCKS, type ClockName } from '../domain/service-level';
import type { Incident } from './client';
import type { Output } from './output';
import { renderList } from './table';
import { clean, cleanLines, fromNow, plural, shortTime, wrap } from './text';

interface Row {
  label: string;
  text: string;
  tone?: 'late' | 'rests';
}

/** Who has an incident in hand, why it rests, and by when it is due. */
export function caseworkOf(out: Output, incident: Incident, now: number): string[] {
  const { red, yellow, dim } = out.colours;
  const rows = [...standingOf(incident, now), ...CLOCKS.flatMap((clock) => clockOf(incident, clock, now))];
  const { escalated_to } = incident.sla;
  if (escalated_to !== null) rows.push({ label: 'escalated', text: `to ${escalated_to}`, tone: 'late' });
  const paints = { late: red, rests: yellow };
  return rows.flatMap(({ label, text, tone }) =>
    renderList([[label.padEnd(LABEL), clean(text)]], { width: out.width, paints: tone ? [dim, paints[tone]] : [dim] }),
  );
}

/** Of the longest label, so that the texts stand below each other. */
const LABEL = 'acknowledge'.length;

function standingOf({ status, resolution, status_by, hold, suppressed_by }: Incident, now: number): Row[] {
  const stands = resolution ? `${status} as ${resolution}` : status;
  const rows: Row[] = status_by === null ? [] : [{ label: 'in hand', text: `${stands}, by ${status_by}` }];
  if (hold) {
    const text = `until ${timed(hold.until, now)}, by ${hold.by}: ${hold.reason}`;
    rows.push({ label: 'on hold', text, tone: 'rests' });
  }
  if (suppressed_by !== null) rows.push({ label: 'suppressed', text: `closed as it came, by ${suppressed_by}` });
  return rows;
}

function clockOf({ sla, status, closed_at }: Incident, clock: ClockName, now: number): Row[] {
  const [due, done] = clock === 'close' ? [sla.close_due, closed_at] : [sla.ack_due, sla.acknowledged_at];
  // nobody has to take up what has closed itself
  if (due === null || (done === null && status === 'closed')) return [];
  const isLate = sla.breaches[clock] !== undefined;
  const breached = isLate ? '; breached' : '';
  if (done === null && sla.paused && !isLate) {
    return [{ label: clock, text: `by ${shortTime(due)} UTC or later: the clock stands`, tone: 'rests' }];
  }
  const by = done === null ? timed(due, now) : `${shortTime(due)} UTC; done ${timed(done, now)}`;
  return [{ label: clock, text: `by ${by}${breached}`, ...(isLate ? { tone: 'late' } : {}) }];
}

/** The notes, or with `all` every text that they have had. */
export function notesOf(out: Output, { analyst_notes, notes_history }: Incident, { all }: { all: boolean }): string[] {
  const { dim } = out.colours;
  if (all) {
    return notes_history.flatMap(({ at, by, text }) => [
      dim(`  ${shortTime(at)} UTC, ${clean(by)}:`),
      ...(text ? textOf(out, text) : [dim('  (none)')]),
    ]);
  }
  const shown = analyst_notes ? textOf(out, analyst_notes) : [];
  const last = notes_history.at(-1);
  if (!last) return shown;
  const changes = plural(notes_history.length, 'change');
  return [...shown, dim(`  ${changes}, the last by ${clean(last.by)}, ${shortTime(last.at)} UTC; all with --notes`)];
}

function textOf(out: Output, text: string): string[] {
  return cleanLines(text).flatMap((line) => wrap(line, out.width - 2).map((part) => `  ${part}`));
}

function timed(instant: string, now: number): string {
  return `${shortTime(instant)} UTC (${fromNow(instant, now)})`;
}
