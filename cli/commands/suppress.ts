import { randomUUID } from 'node:crypto';
import type { AlertType } from '../../domain/alert';
import { given } from '../../domain/given';
import type { Suppression } from '../client';
import { EXIT, UsageError, type ExitCode } from '../errors';
import { orDash, type Output } from '../output';
import type { Session } from '../session';
import { clean, counted, plural, shortTime } from '../text';

export interface SuppressOptions {
  type?: AlertType;
  observable?: string;
  rule?: string;
  source?: string;
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
  const { type: alert_type, observable, rule, source, reason, until, for: ms } = options;
  const expires_at = ms === undefined ? until : new Date(Date.now() + ms).toISOString();
  if (expires_at === undefined) {
    throw new UsageError('It must end some time.', 'Add --for 30d, or --until with a time.');
  }
  const pattern = given({ alert_type, observable, rule, source });
  if (Object.keys(pattern).length === 0) {
    throw new UsageError('Nothing says what is known.', 'Add --type, --observable, --rule or --source.');
  }
  const client = await session.client();
  const made = await client.suppress({ ...pattern, reason, expires_at }, randomUUID());
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
  showTable(out, page.items);
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

function showTable(out: Output, items: readonly Suppression[]): void {
  out.table(
    [
      { title: 'suppression' },
      { title: 'state' },
      { title: 'until' },
      { title: 'alerts', align: 'right' },
      { title: 'last match' },
      { title: 'by', shrink: true },
      { title: 'pattern', shrink: true },
      { title: 'reason', shrink: true },
    ],
    items.map((one) => [
      one.id,
      one.active ? 'active' : one.removed_at === null ? 'expired' : 'removed',
      shortTime(one.removed_at ?? one.expires_at),
      counted(one.alerts),
      orDash(one.last_match && shortTime(one.last_match)),
      clean(one.created_by),
      patternOf(one),
      clean(one.reason),
    ]),
  );
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
