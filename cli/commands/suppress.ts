import { randomUUID } from 'node:crypto';
import type { AlertType } from '../../domain/alert';
import { given } from '../../domain/given';
import { isBroad } from '../../domain/suppression';
import type { Suppression } from '../client';
import { EXIT, UsageError, type ExitCode } from '../errors';
import { orDash, type Output } from '../output';
import type { Session } from '../session';
import { renderList } from '../table';
import { clean, minute, plural, shortTime } from '../text';

export interface SuppressOptions {
  type?: AlertType;
  observable?: string;
  rule?: string;
  source?: string;
  /** All of a type, or of a source, is meant. */
  broad?: true;
  reason: string;
  /** RFC 3339. */
  until?: string;
  /** Ms. */
  for?: number;
}

export interface ListOptions {
  all?: true;
  limit?: string;
  cursor?: string;
}

/** `soar suppress add`: says that a pattern of alerts is known. */
export async function suppressCommand(session: Session, options: SuppressOptions): Promise<ExitCode> {
  const { type: alert_type, observable, rule, source, broad, reason, until, for: ms } = options;
  const expires_at = ms === undefined ? until : new Date(Date.now() + ms).toISOString();
  if (expires_at === undefined) {
    throw new UsageError('It must end some time.', 'Add --for 30d, or --until with a time.');
  }
  const pattern = given({ alert_type, observable, rule, source });
  if (Object.keys(pattern).length === 0) {
    throw new UsageError('Nothing says what is known.', 'Add --type, --observable, --rule or --source.');
  }
  if (!broad && isBroad(pattern)) {
    throw new UsageError(
      `All alerts of this ${pattern.source ? 'source' : 'type'} would be closed as they come.`,
      'Add --observable or --rule; or --broad, if that is meant.',
    );
  }
  const client = await session.client();
  const made = await client.suppress({ ...pattern, ...given({ broad }), reason, expires_at }, randomUUID());
  const { out } = session;
  if (out.json) out.data(made);
  else out.line(`${out.colours.bold(made.id)} holds until ${shortTime(made.expires_at)} UTC: ${patternOf(made)}.`);
  return EXIT.ok;
}

/** `soar suppress list`: what is known, and what it has closed. */
export async function suppressionsCommand(session: Session, options: ListOptions): Promise<ExitCode> {
  const { all, limit, cursor } = options;
  const client = await session.client();
  const page = await client.suppressions(given({ active: all ? undefined : 'true', limit, cursor }));
  const { out } = session;
  if (out.json) {
    out.data(page);
    return EXIT.ok;
  }
  if (page.items.length === 0) {
    out.line(all ? 'There are no suppressions.' : 'No suppression holds.');
    return EXIT.ok;
  }
  page.items.forEach((one) => showOne(out, one));
  if (page.next_cursor) out.note(`More: add --cursor ${page.next_cursor}`);
  return EXIT.ok;
}

/** `soar suppress remove`: ends one at once. */
export async function unsuppressCommand(session: Session, id: string): Promise<ExitCode> {
  const client = await session.client();
  const removed = await client.removeSuppression(id.toUpperCase());
  const { out } = session;
  if (out.json) {
    out.data(removed);
    return EXIT.ok;
  }
  const { alerts, incidents, removed_at, removed_by } = removed;
  const when = removed_at === null ? '' : ` (${shortTime(removed_at)} UTC by ${orDash(removed_by)})`;
  out.line(`${out.colours.bold(removed.id)} holds no more${when}: ${patternOf(removed)}.`);
  out.line(`It has closed ${plural(alerts, 'alert')} in ${plural(incidents, 'incident')}.`);
  return EXIT.ok;
}

/** How it stands, then what and why under it: both may be long, and are what one looks for. */
function showOne(out: Output, one: Suppression): void {
  const { bold, dim } = out.colours;
  const { width } = out;
  const state = one.active ? 'active until' : one.removed_at === null ? 'expired' : 'removed';
  const last = one.last_match === null ? '' : `, last ${day(one.last_match)}`;
  const stands = `${state} ${minute(one.removed_at ?? one.expires_at)} · ${plural(one.alerts, 'alert')}${last}`;
  const rows = [
    ['what', patternOf(one)],
    ['why', clean(`${one.reason} (${one.created_by})`)],
  ];
  const lines = [
    ...renderList([[one.id, stands]], { width, indent: 0, paints: [bold] }),
    ...renderList(rows, { width, paints: [dim] }),
  ];
  lines.forEach((line) => out.line(line));
}

function day(instant: string): string {
  return instant.slice(0, 'yyyy-mm-dd'.length);
}

/** `brute_force ip:192.0.2.10 from wazuh`, as short as it can be said. */
function patternOf({ alert_type, observable, rule, source }: Suppression): string {
  const parts = [
    alert_type,
    observable,
    rule === null ? null : `rule ${rule}`,
    source === null ? null : `from ${source}`,
  ];
  return clean(parts.filter((part) => part !== null).join(' '));
}
