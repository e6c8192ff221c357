import { ALERT_CLASSES } from '../../domain/alert';
import { RESOLUTIONS, STATUSES } from '../../domain/incident';
import { SEVERITIES } from '../../domain/severity';
import { VERDICTS } from '../../domain/verdict';
import { flag, instant, listOf, names, text } from './query';

/** What incidents are chosen by: in the list, and for a re-scoring. */
export const incidentFilters = {
  verdict: listOf(VERDICTS).optional(),
  severity: listOf(SEVERITIES).optional(),
  status: listOf(STATUSES).optional(),
  resolution: listOf(RESOLUTIONS).optional().describe('What it is closed as'),
  alert_type: listOf(ALERT_CLASSES).optional(),
  source: names().optional(),
  assignee: names().optional(),
  complete: flag().optional().describe('false: a source failed or is still waiting'),
  flagged: flag().optional().describe('true: it is closed or in hand, and needs a second look'),
  suppressed: flag().optional().describe('true: it was closed as it came, because a suppression says that it is known'),
  suppressed_by: names().optional().describe('By which of them'),
  sla_paused: flag().optional().describe('true: it is on hold, and its clocks rest'),
  sla_breached: flag().optional().describe('true: one of its clocks ran out'),
  ack_due_before: instant().optional().describe('Not taken up yet, and to be taken up before'),
  close_due_before: instant().optional().describe('To be closed before; neither on hold nor closed'),
  q: text().optional().describe('An id, IP, host, user, domain or hash'),
  from: instant().optional().describe('Created at or after'),
  to: instant().optional().describe('Created before'),
  updated_since: instant().optional().describe('Changed at or after'),
};

interface Span {
  from?: string | undefined;
  to?: string | undefined;
}

/** For `refine`. */
export const TO_AFTER_FROM = [
  ({ from, to }: Span): boolean => from === undefined || to === undefined || from < to,
  { path: ['to'], error: 'Must be after from' },
] satisfies [unknown, unknown];
