import { EXIT, type ExitCode } from '../errors';
import type { Session } from '../session';
import { plural } from '../text';
import { showLinks } from './alert';

export interface RegroupOptions {
  reason: string;
}

/** `soar merge`: moves all alerts of an incident to another one, and closes it as its duplicate. */
export async function mergeCommand(
  session: Session,
  id: string,
  into: string,
  { reason }: RegroupOptions,
): Promise<ExitCode> {
  const client = await session.client();
  const answer = await client.merge(id.toUpperCase(), { into: into.toUpperCase(), reason });
  const { out } = session;
  if (out.json) {
    out.data(answer);
    return EXIT.ok;
  }
  const { incident_id, merged_into, alerts, links } = answer;
  out.line(
    `${out.colours.bold(incident_id)} is merged into ${out.colours.bold(merged_into)}: ${plural(alerts, 'alert')} moved.`,
  );
  showLinks(out, links);
  return EXIT.ok;
}

/** `soar split`: moves some alerts of an incident into a new one. */
export async function splitCommand(
  session: Session,
  id: string,
  alertIds: string[],
  { reason }: RegroupOptions,
): Promise<ExitCode> {
  const client = await session.client();
  const alert_ids = alertIds.map((one) => one.toUpperCase());
  const answer = await client.split(id.toUpperCase(), { alert_ids, reason });
  const { out } = session;
  if (out.json) {
    out.data(answer);
    return EXIT.ok;
  }
  const { incident_id, split_from, alerts, links } = answer;
  out.line(`${plural(alerts, 'alert')} of ${out.colours.bold(split_from)} moved to ${out.colours.bold(incident_id)}.`);
  showLinks(out, links);
  return EXIT.ok;
}
