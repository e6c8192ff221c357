import type { StatsAnswer } from '../client';
import { EXIT, type ExitCode } from '../errors';
import type { Output } from '../output';
import type { Session } from '../session';
import { renderList } from '../table';
import { counted, plural, shortTime, spanOf } from '../text';
import { givenFilters, STATS_FILTERS } from './filters';

/** `soar stats`: how many incidents a window had, how long they took, and by which formulas. */
export async function statsCommand(session: Session, options: Record<string, unknown>): Promise<ExitCode> {
  const client = await session.client();
  const answer = await client.stats(givenFilters(options, STATS_FILTERS));
  const { out } = session;
  if (out.json) out.data(answer);
  else show(out, answer);
  return EXIT.ok;
}

function show(out: Output, { window, formulas, counts, queue, mttd, mtta, mttr, sla }: StatsAnswer): void {
  const list = (rows: string[][]) => renderList(rows, { width: out.width }).forEach((line) => out.line(line));
  out.line(out.colours.bold(`${plural(counts.total, 'incident')} of ${windowOf(window)}`));
  list([
    ['status', inWords(counts.by_status)],
    ['verdict', inWords(counts.by_verdict)],
    ['severity', inWords(counts.by_severity)],
    ['resolution', inWords(counts.by_resolution)],
    ['of them', `${counted(counts.suppressed)} suppressed, ${counted(counts.merged)} merged into others`],
    ['breaches', breaches(sla)],
  ]);
  out.line();
  const mean = (title: string, { seconds, incidents }: Mean) => [
    ...[title, seconds === null ? '–' : spanOf(seconds), counted(incidents)],
  ];
  out.table(
    [{ title: 'mean time to' }, { title: 'time', align: 'right' }, { title: 'incidents', align: 'right' }],
    [
      mean('detect (MTTD)', mttd),
      mean('acknowledge (MTTA)', mtta),
      mean('resolve (MTTR)', mttr),
      mean('  by hand', mttr.by_hand),
      mean('  by itself', mttr.by_itself),
    ],
  );
  out.line();
  list(Object.entries(formulas).map(([name, formula]) => [name.replace('_', ' '), formula]));
  out.line();
  const { pending, open, waiting_lookups } = queue;
  const waiting = `${plural(waiting_lookups, 'lookup')} waiting`;
  out.line(`Now: ${counted(open)} open, ${counted(pending)} of them not started; ${waiting}.`);
}

type Mean = Pick<StatsAnswer['mttd'], 'seconds' | 'incidents'>;

function windowOf({ from, to }: StatsAnswer['window']): string {
  return `${shortTime(from)} to ${shortTime(to)} UTC`;
}

/** Those there are none of are not named. */
function inWords(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.map(([name, count]) => `${name} ${counted(count)}`).join(', ') || '–';
}

function breaches({
  due,
  breached,
  breach_rate: rate,
  breached_acknowledge,
  breached_close,
}: StatsAnswer['sla']): string {
  if (rate === null) return '–';
  const share = `${counted(breached)} of ${counted(due)} that have clocks (${(rate * 100).toFixed(1)}%)`;
  return `${share}: ${counted(breached_acknowledge)} to acknowledge, ${counted(breached_close)} to close`;
}
