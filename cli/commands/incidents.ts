import { EXIT, type ExitCode } from '../errors';
import { levelPaint, orDash, verdictPaint } from '../output';
import type { Session } from '../session';
import { age, clean } from '../text';
import { givenFilters, INCIDENT_FILTERS } from './filters';

/** `soar incidents`: what the API lists, one line per incident. */
export async function incidentsCommand(session: Session, options: Record<string, unknown>): Promise<ExitCode> {
  const client = await session.client();
  const page = await client.incidents(givenFilters(options, INCIDENT_FILTERS));
  const { out } = session;
  if (out.json) {
    out.data(page);
    return EXIT.ok;
  }
  if (page.items.length === 0) {
    out.line('No incidents match.');
    return EXIT.ok;
  }
  out.table(
    [
      { title: 'incident' },
      { title: 'age', align: 'right' },
      { title: 'type' },
      { title: 'severity', paint: levelPaint(out.colours) },
      { title: 'verdict', paint: verdictPaint(out.colours) },
      { title: 'score', align: 'right' },
      { title: 'status' },
      { title: 'title', shrink: true },
    ],
    page.items.map((item) => [
      item.id,
      age(item.created_at, Date.now()),
      item.alert_type,
      item.severity,
      item.verdict,
      orDash(item.score),
      item.status,
      clean(item.title),
    ]),
  );
  if (page.next_cursor) out.note(`More: add --cursor ${page.next_cursor}`);
  return EXIT.ok;
}
