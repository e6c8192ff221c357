import type { Alert, AlertClass } from './alert';
import { place, word, type CorrelationFields } from './correlation-values';
import { PLAYBOOKS } from './playbooks';
import type { SiteKnowledge } from './site';

/** What makes further alerts part of an incident. */
export interface Correlation {
  /** Type and fields in one line, for people: `brute_force src_ip=192.0.2.1`. */
  key: string;
  fields: CorrelationFields;
  /** How far, by event time, another alert may lie from those that are there. */
  window_seconds: number;
}

/** Without a playbook nothing is known of what matters: the same rule of the same tool, at the same place. */
function byRule(alert: Alert): CorrelationFields | undefined {
  const rule = word(alert.rule_id) ?? word(alert.rule_name);
  if (rule === undefined) return undefined;
  const host = place(
    alert.hostname,
    alert.host_ip,
    alert.src_hostname,
    alert.src_ip,
    alert.dest_hostname,
    alert.dest_ip,
  );
  return { source: alert.source.toLowerCase(), rule, ...(host === undefined ? {} : { host }) };
}

/**
 * What alerts of one story have in common, as the playbook says; null where the alert names nothing that is somebody's, or
 * where nothing is to be joined.
 * @param windowMs 0 = off
 */
export function correlationOf(
  alert: Alert & { alert_type: AlertClass },
  site: SiteKnowledge,
  windowMs: number,
): Correlation | null {
  if (windowMs <= 0) return null;
  const { alert_type } = alert;
  const fields = alert_type === 'unclassified' ? byRule(alert) : PLAYBOOKS[alert_type].correlatesBy(alert, site);
  if (fields === undefined) return null;
  const named = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  return { key: [alert_type, ...named].join(' '), fields, window_seconds: windowMs / 1000 };
}
