import type { IncidentView } from '../../db/views';

/** Of what one step of the audit tells, when all of it is too much. */
const MOST_DETAIL_BYTES = 2 * 1024;

/**
 * The incident with less and less of it, for a report that would be too large: fewer alerts, then the steps without their
 * details, then fewer steps. The first and the last of each stay longest, and the view says how many are left out.
 */
export function* shorterViews(whole: IncidentView): Generator<IncidentView> {
  let view = whole;
  while (view.alerts.length > 0) {
    const alerts = halfOf(view.alerts);
    view = { ...view, alerts, alerts_omitted: view.alerts_omitted + view.alerts.length - alerts.length };
    yield view;
  }
  view = { ...view, audit: view.audit.map((row) => ({ ...row, detail: cutDetail(row.detail) })) };
  yield view;
  while (view.audit.length > 1) {
    const audit = halfOf(view.audit);
    view = { ...view, audit, audit_omitted: view.audit_omitted + view.audit.length - audit.length };
    yield view;
  }
}

function halfOf<T>(all: readonly T[]): T[] {
  const most = Math.floor(all.length / 2);
  const first = Math.ceil(most / 2);
  return [...all.slice(0, first), ...all.slice(all.length - (most - first))];
}

function cutDetail(detail: unknown): unknown {
  const bytes = Buffer.byteLength(JSON.stringify(detail) ?? '');
  return bytes > MOST_DETAIL_BYTES ? { _cut: `${bytes} bytes; see the audit of the incident` } : detail;
}
