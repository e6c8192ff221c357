import type { Decision, Hold, Resolution, Status } from './incident';
import type { Severity } from './severity';
import type { ServiceLevel, SiteKnowledge } from './site';

/** The clocks of an incident, by its severity and from the moment it came in: until somebody has taken it up, and until it is closed. */
export const CLOCKS = ['acknowledge', 'close'] as const;
export type ClockName = (typeof CLOCKS)[number];

/** What the clocks go by, as the site said when the incident was last judged, and what they have told so far. */
export interface ServiceClocks {
  /** Minutes. */
  targets: Record<Severity, ServiceLevel>;
  /** The reminder comes when so many percent of the time are over. */
  reminder_percent: number;
  /** To whom a breach goes: the first to the first of them, the next one further. */
  levels: string[];
  reminded: ClockName[];
  /** When which clock ran out. */
  breached: Partial<Record<ClockName, string>>;
}

/** All of an incident that its clocks depend on. */
export interface Clocked {
  status: Status;
  resolution: Resolution | null;
  severity: Severity;
  created_at: string;
  acknowledged_at: string | null;
  closed_at: string | null;
  /** Since when the clocks stand: on hold, or closed. */
  paused_at: string | null;
  /** For how long they have stood before, ms. */
  paused_ms: number;
  hold: Hold | null;
  /** Null until the incident was judged for the first time. */
  sla: ServiceClocks | null;
  ack_due: string | null;
  close_due: string | null;
}

/** What a clock has to say at some time. */
export interface Milestone {
  clock: ClockName;
  kind: 'reminder' | 'breach';
  /** When it says it. */
  at: string;
  /** What it is about: until when it was to be done. */
  due: string;
}

/** How an incident stands by its clocks, as the API shows it. */
export interface ServiceStanding {
  ack_due: string | null;
  close_due: string | null;
  acknowledged_at: string | null;
  /** On hold: the due times move when it is resumed. */
  paused: boolean;
  /** At least one clock ran out. */
  breached: boolean;
  breaches: Partial<Record<ClockName, string>>;
  /** To whom the last breach went; null when there was none. */
  escalated_to: string | null;
}

const MINUTE_MS = 60_000;

/** The clocks as the site wants them; what they have told stays told. */
export function clocksBy(
  site: Pick<SiteKnowledge, 'sla' | 'sla_reminder_percent' | 'escalation_levels'>,
  before: ServiceClocks | null,
): ServiceClocks {
  const { sla: targets, sla_reminder_percent: reminder_percent, escalation_levels: levels } = site;
  const { reminded = [], breached = {} } = before ?? {};
  return { targets, reminder_percent, levels, reminded, breached };
}

/** When a decision says that an incident is due. What closes itself is due to nobody. */
export function dueBy(
  { sla }: Pick<SiteKnowledge, 'sla'>,
  { severity, created_at, paused_ms }: Pick<Clocked, 'severity' | 'created_at' | 'paused_ms'>,
  { outcome }: Pick<Decision, 'outcome'>,
): Pick<Decision, 'due'> {
  if (outcome === 'close') return {};
  const { acknowledge, close } = sla[severity];
  const after = (minutes: number) => later(created_at, minutes * MINUTE_MS + paused_ms);
  return { due: { acknowledge: after(acknowledge), close: after(close) } };
}

/**
 * What a change of status, severity or targets makes of the clocks: they stand while the incident is on hold or closed, and
 * go on where they stood; the first one stops for good when somebody has taken it up.
 */
export function clocksAfter(
  before: Clocked,
  changes: Partial<Clocked>,
  at: string,
): Omit<Clocked, 'status' | 'resolution' | 'severity' | 'created_at'> {
  const after = { ...before, ...changes };
  const stand = after.status === 'on_hold' || after.status === 'closed';
  const paused_ms =
    before.paused_at !== null && !stand ? before.paused_ms + span(before.paused_at, at) : before.paused_ms;
  const now = {
    ...after,
    paused_ms,
    paused_at: stand ? (before.paused_at ?? at) : null,
    acknowledged_at: before.acknowledged_at ?? (isTakenUp(after) ? at : null),
    closed_at: after.status === 'closed' ? (before.closed_at ?? at) : null,
    hold: after.status === 'on_hold' ? after.hold : null,
  };
  const sla = after.sla && withoutEarly(now, after.sla, at);
  // what closes itself is due to nobody
  const isDue = after.status !== 'closed' || after.resolution !== 'auto_benign';
  const due = (clock: ClockName) => (sla && isDue ? dueOf(now, sla, clock) : null);
  // what was done in time, or too late, stays so
  const ack_due = before.acknowledged_at === null ? due('acknowledge') : (before.ack_due ?? due('acknowledge'));
  const { paused_at, acknowledged_at, closed_at, hold } = now;
  return {
    paused_at,
    paused_ms,
    acknowledged_at,
    closed_at,
    hold,
    sla,
    ack_due,
    close_due: due('close'),
  };
}

/** Of a due time that has moved away, people are reminded again. */
function withoutEarly(one: Clocked, sla: ServiceClocks, at: string): ServiceClocks {
  return { ...sla, reminded: sla.reminded.filter((clock) => isBy(reminderOf(one, sla, clock), at)) };
}

/** An analyst has done something with it; that it closed itself is not that. */
function isTakenUp({ status, resolution }: Pick<Clocked, 'status' | 'resolution'>): boolean {
  return status === 'acknowledged' || status === 'on_hold' || (status === 'closed' && resolution !== 'auto_benign');
}

function dueOf({ severity, created_at, paused_ms }: Clocked, { targets }: ServiceClocks, clock: ClockName): string {
  return later(created_at, targets[severity][clock] * MINUTE_MS + paused_ms);
}

function reminderOf(one: Clocked, sla: ServiceClocks, clock: ClockName): string {
  const left = 1 - sla.reminder_percent / 100;
  return later(dueOf(one, sla, clock), -left * sla.targets[one.severity][clock] * MINUTE_MS);
}

/** What the clocks still have to say, the earliest first; nothing while they stand. */
function milestones(one: Clocked): Milestone[] {
  const { sla } = one;
  if (!sla || one.paused_at !== null) return [];
  const going = CLOCKS.filter(
    (clock) => sla.breached[clock] === undefined && (clock === 'close' || one.acknowledged_at === null),
  );
  return going
    .flatMap((clock): Milestone[] => {
      const due = dueOf(one, sla, clock);
      const breach = { clock, kind: 'breach', at: due, due } as const;
      const reminder = { clock, kind: 'reminder', at: reminderOf(one, sla, clock), due } as const;
      return sla.reminded.includes(clock) ? [breach] : [reminder, breach];
    })
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** What the clocks have to say by now. Of a clock that has run out nobody is reminded any more. */
export function milestonesDue(one: Clocked, now: string): Milestone[] {
  const due = milestones(one).filter(({ at }) => isBy(at, now));
  return due.filter(
    ({ clock, kind }) => kind === 'breach' || !due.some((other) => other.clock === clock && other.kind === 'breach'),
  );
}

/** The clocks when they have said it. */
export function told(sla: ServiceClocks, { clock, kind }: Milestone, at: string): ServiceClocks {
  return kind === 'reminder'
    ? { ...sla, reminded: [...sla.reminded, clock] }
    : { ...sla, breached: { ...sla.breached, [clock]: at } };
}

const DOING = { acknowledge: 'acknowledged', close: 'closed' } as const;

const wanted = ({ clock, due }: Milestone): string => `to be ${DOING[clock]} by ${due}`;

/** What a milestone says when it has come, for people. */
export function wordsOf(milestone: Milestone): string {
  return `${milestone.kind === 'reminder' ? 'Reminder:' : 'Overdue: it was'} ${wanted(milestone)}`;
}

/** When an incident is to be looked at because of its clocks, or because its hold is over, and why; null when nothing comes. */
export function nextClock(one: Clocked): { at: string; why: string } | null {
  if (one.status === 'on_hold') return one.hold && { at: one.hold.until, why: `The hold ends at ${one.hold.until}` };
  const [next] = milestones(one);
  return next ? { at: next.at, why: `${next.kind === 'reminder' ? 'Reminder' : 'Due'}: ${wanted(next)}` } : null;
}

/** To whom a breach goes; null when the site names nobody. */
export function escalationLevel({ levels, breached }: Pick<ServiceClocks, 'levels' | 'breached'>): string | null {
  return levels[Math.min(Object.keys(breached).length, levels.length) - 1] ?? null;
}

export function standingOf(one: Clocked): ServiceStanding {
  const { ack_due, close_due, acknowledged_at, sla } = one;
  const breaches = sla?.breached ?? {};
  return {
    ack_due,
    close_due,
    acknowledged_at,
    paused: one.status === 'on_hold',
    breached: Object.keys(breaches).length > 0,
    breaches,
    escalated_to: sla && escalationLevel(sla),
  };
}

function later(instant: string, ms: number): string {
  return new Date(Date.parse(instant) + ms).toISOString();
}

function isBy(one: string, other: string): boolean {
  return Date.parse(one) <= Date.parse(other);
}

function span(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}
