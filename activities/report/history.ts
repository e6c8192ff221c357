import { counted } from '../../domain/counted';
import { alertFields, type AlertField } from './alert-fields';
import type { ReportInput } from './input';
import { sourceTitle, spaced, VERDICT_STATE_WORDS, VERDICT_WORDS } from './words';

/** Rows of one section before the reader is sent to the JSON report. */
const ALERTS_AT_EACH_END = 12;
const MOST_STEPS = 400;

export interface TimelineRow {
  at: string;
  /** A change of the verdict; a step that every round has; or what happened to the incident beside that, as by hand. */
  kind: 'turn' | 'step' | 'event';
  what: string;
  observable: string;
  status: string;
  summary: string;
  who: string;
  took: string;
}

export interface HistorySections {
  timeline: TimelineRow[];
  earlierSteps: number;
  ledger: { rule: string; text: string; numbers: { name: string; value: number }[] }[];
  alerts: { id: string; sourceId: string | null; fields: AlertField[] }[];
  /** How many there are, and how many of them are not shown. */
  alertCount: number;
  moreAlerts: number;
}

/** The first and the last of them. */
function ends<T>(all: readonly T[]): readonly T[] {
  if (all.length <= 2 * ALERTS_AT_EACH_END + 1) return all;
  return [...all.slice(0, ALERTS_AT_EACH_END), ...all.slice(-ALERTS_AT_EACH_END)];
}

export function historySections(input: ReportInput): HistorySections {
  const { view, assessment } = input;
  const timeline = timelineOf(input);
  return {
    timeline: timeline.slice(-MOST_STEPS),
    earlierSteps: Math.max(0, timeline.length - MOST_STEPS) + view.audit_omitted,
    ledger: (assessment?.ledger ?? []).map((line) => ({
      rule: spaced(line.rule),
      text: line.text,
      numbers: Object.entries(line.numbers).map(([name, value]) => ({ name: spaced(name), value })),
    })),
    alerts: ends(view.alerts).map((alert) => ({
      id: alert.alert_id,
      sourceId: alert.source_alert_id,
      fields: alertFields(alert),
    })),
    alertCount: view.alerts.length + view.alerts_omitted,
    moreAlerts: view.alerts.length + view.alerts_omitted - ends(view.alerts).length,
  };
}

/** What accepts alerts, and what a round is made of. */
const STEPS = new Set(['accept', 'sighting', 'claim', 'plan', 'lookup', 'score', 'decide', 'conclude']);

/** Without the rows of the reports, one of which follows each change. */
function timelineOf({ view, sources }: ReportInput): TimelineRow[] {
  const told = view.audit.map(({ summary }) => summary);
  const rows = [
    ...view.audit.filter(({ action }) => action !== 'report').map((step) => stepRow(step, sources)),
    ...view.verdict_timeline.map((change) => verdictRow(change, told)),
  ];
  // Array.sort is stable: steps of one instant keep the order of the audit chain.
  return rows.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function stepRow(step: ReportInput['view']['audit'][number], sources: ReportInput['sources']): TimelineRow {
  const failures = step.failures > 0 ? ` after ${counted(step.failures, 'failed attempt')}` : '';
  const kind = STEPS.has(step.action) ? 'step' : 'event';
  return {
    at: step.at,
    kind,
    what: step.provider ? `${spaced(step.action)} ${sourceTitle(sources, step.provider)}` : spaced(step.action),
    observable: step.observable ?? '',
    status: `${step.status}${failures}`,
    summary: step.summary,
    who: step.actor,
    took: kind === 'step' ? `${step.duration_ms} ms` : '',
  };
}

/** `told`: what the rows of the audit say already. */
function verdictRow(change: ReportInput['view']['verdict_timeline'][number], told: readonly string[]): TimelineRow {
  const score = change.score === null ? '' : `, score ${change.score}`;
  return {
    at: change.at,
    kind: 'turn',
    what: `verdict: ${VERDICT_WORDS[change.verdict]}${score}`,
    observable: '',
    status:
      change.in_force === false ? 'Not in force' : (VERDICT_STATE_WORDS[change.state].split(':')[0] ?? change.state),
    summary: told.some((summary) => summary.includes(change.reason)) ? '' : change.reason,
    who: change.by,
    took: '',
  };
}
