import type { AlertClass } from './alert';
import type { Status } from './incident';
import type { ClockName } from './service-level';
import { SEVERITIES } from './severity';
import type { Severity } from './severity';
import type { Verdict } from './verdict';

/**
 * What another tool is told of: an incident was escalated, or would have been if no analyst had it in hand; its clock is about to
 * run out, or has.
 */
export const NOTICE_EVENTS = ['escalated', 'escalation_withheld', 'sla_reminder', 'sla_breached'] as const;
export type NoticeEvent = (typeof NOTICE_EVENTS)[number];

/** What has happened to an incident, and what names it: noted twice, it is told once. */
export interface Occasion {
  event: NoticeEvent;
  /** Of one incident, such as `escalated/1`. */
  key: string;
  /** Why, in words. */
  reason: string;
  /** The clock that the event is of. */
  clock?: ClockName;
  due?: string;
  /** To whom a breach goes; null when the site names nobody. */
  escalated_to?: string | null;
}

/** All of an incident that another tool is told: what is found on its front page, and nothing of its evidence. */
interface Subject {
  id: string;
  title: string;
  alert_type: AlertClass;
  severity: Severity;
  verdict: Verdict;
  score: number | null;
  status: Status;
  assignee: string | null;
}

/** One event as it is told, of the incident as it stood then. */
export interface Notice extends Omit<Subject, 'id'>, Omit<Occasion, 'key'> {
  /** Names the event, in every request that tells it. */
  id: string;
  incident_id: string;
  at: string;
  /** Where people find the incident. */
  url: string;
}

/** What one request tells. */
export interface Told {
  events: Notice[];
  /** What is only counted: there was too much to tell. */
  more: { count: number; by_event: Partial<Record<NoticeEvent, number>> };
}

/** Told one by one in a request. */
export const MOST_EVENTS = 100;

export function noticeOf(
  { id: incident_id, title, alert_type, severity, verdict, score, status, assignee }: Subject,
  { key, ...occasion }: Occasion,
  { at, publicUrl }: { at: string; publicUrl: string },
): Notice {
  return {
    ...{ id: `${incident_id}/${key}`, incident_id, at, title, alert_type, severity, verdict, score, status, assignee },
    ...occasion,
    url: `${publicUrl}/api/v1/incidents/${incident_id}`,
  };
}

/** What is told at once: the gravest first, then the oldest; of a storm the rest is only counted. */
export function folded(notices: readonly Notice[]): Told {
  const ordered = [...notices].sort(
    (a, b) =>
      SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
      Date.parse(a.at) - Date.parse(b.at) ||
      (a.id < b.id ? -1 : 1),
  );
  const rest = ordered.slice(MOST_EVENTS);
  const counts = NOTICE_EVENTS.map((name) => [name, rest.filter(({ event }) => event === name).length] as const);
  const by_event = Object.fromEntries(counts.filter(([, count]) => count > 0));
  return { events: ordered.slice(0, MOST_EVENTS), more: { count: rest.length, by_event } };
}
