import { RESOLUTIONS, STATUSES } from '../../domain/incident';
import type { Resolution, Status } from '../../domain/incident';
import { SEVERITIES } from '../../domain/severity';
import type { Severity } from '../../domain/severity';
import { VERDICTS } from '../../domain/verdict';
import type { Verdict } from '../../domain/verdict';
import type { Knex } from '../connect';
import type { IncidentFilter } from '../views';
import { incidentsMatching } from './incident-list';

export interface Mean {
  /** Null when it is the mean of nothing. */
  seconds: number | null;
  incidents: number;
}

export interface IncidentStats {
  counts: {
    total: number;
    by_status: Record<Status, number>;
    by_verdict: Record<Verdict, number>;
    by_severity: Record<Severity, number>;
    by_resolution: Record<Resolution, number>;
    suppressed: number;
    /** Emptied by being merged into others. */
    merged: number;
  };
  mttd: Mean;
  mtta: Mean;
  mttr: Mean & { by_hand: Mean; by_itself: Mean };
  sla: {
    due: number;
    breached: number;
    breach_rate: number | null;
    breached_acknowledge: number;
    breached_close: number;
  };
}

const LEFT_OUT = 'without those suppressed or merged into another';

/** What {@link incidentStats} reckons, in words; whoever sees the numbers is to see these. */
export const FORMULAS = {
  mttd: `mean of created_at − first_seen (at least 0) over the incidents of the window, ${LEFT_OUT}`,
  mtta:
    'mean of acknowledged_at − created_at over the incidents of the window that an analyst has acknowledged, held or ' +
    `closed, ${LEFT_OUT}`,
  mttr:
    'mean of closed_at − created_at, holds included, over the incidents of the window that are closed: by_itself as ' +
    `auto_benign, by_hand as anything else, ${LEFT_OUT}`,
  breach_rate:
    'breached / due: incidents of the window of which a clock ran out, by those that are, or were, due to somebody',
};

/** What incidents have in common, how many they are, and what their times add up to, in seconds. */
const CELL = `status, verdict, severity, resolution, suppressed_by IS NOT NULL AS suppressed, alert_count = 0 AS merged,
  COUNT(*) AS incidents, COUNT(acknowledged_at) AS acknowledged, COUNT(closed_at) AS closed,
  SUM(GREATEST(TIMESTAMPDIFF(MICROSECOND, first_seen, created_at), 0)) / 1e6 AS until_created,
  SUM(TIMESTAMPDIFF(MICROSECOND, created_at, acknowledged_at)) / 1e6 AS until_acknowledged,
  SUM(TIMESTAMPDIFF(MICROSECOND, created_at, closed_at)) / 1e6 AS until_closed,
  COUNT(close_due) AS due, SUM(sla_breached) AS breached,
  SUM(JSON_CONTAINS_PATH(sla, 'one', '$.breached.acknowledge')) AS breached_acknowledge,
  SUM(JSON_CONTAINS_PATH(sla, 'one', '$.breached.close')) AS breached_close`;
const IN_COMMON = ['status', 'verdict', 'severity', 'resolution', 'suppressed', 'merged'] as const;

/** Sums come as text, and those of nothing as null. */
type Sum = number | string | null;

interface Cell extends Record<
  | 'suppressed'
  | 'merged'
  | 'incidents'
  | 'acknowledged'
  | 'closed'
  | 'until_created'
  | 'until_acknowledged'
  | 'until_closed'
  | 'due'
  | 'breached'
  | 'breached_acknowledge'
  | 'breached_close',
  Sum
> {
  status: Status;
  verdict: Verdict;
  severity: Severity;
  resolution: Resolution | null;
}

/** All numbers from one statement, so that they fit together. */
export async function incidentStats(knex: Knex, filter: IncidentFilter): Promise<IncidentStats> {
  const cells = await incidentsMatching(knex, filter)
    .clearSelect()
    .select(knex.raw(CELL))
    .groupBy(...IN_COMMON)
    .castTo<Cell[]>();
  const measured = cells.filter(({ suppressed, merged }) => !suppressed && !merged);
  const byItself = ({ resolution }: Cell): boolean => resolution === 'auto_benign';
  const closing = (some: Cell[]) => mean(some, 'until_closed', 'closed');
  const due = sum(cells, 'due');
  const breached = sum(cells, 'breached');
  return {
    counts: {
      total: sum(cells, 'incidents'),
      by_status: tally(cells, 'status', STATUSES),
      by_verdict: tally(cells, 'verdict', VERDICTS),
      by_severity: tally(cells, 'severity', SEVERITIES),
      by_resolution: tally(cells, 'resolution', RESOLUTIONS),
      suppressed: sum(
        cells.filter(({ suppressed }) => suppressed),
        'incidents',
      ),
      merged: sum(
        cells.filter(({ merged }) => merged),
        'incidents',
      ),
    },
    mttd: mean(measured, 'until_created', 'incidents'),
    mtta: mean(measured, 'until_acknowledged', 'acknowledged'),
    mttr: {
      ...closing(measured),
      by_hand: closing(measured.filter((cell) => !byItself(cell))),
      by_itself: closing(measured.filter(byItself)),
    },
    sla: {
      due,
      breached,
      breach_rate: due === 0 ? null : round(breached / due, 4),
      breached_acknowledge: sum(cells, 'breached_acknowledge'),
      breached_close: sum(cells, 'breached_close'),
    },
  };
}

type SumOf = { [K in keyof Cell]: Sum extends Cell[K] ? K : never }[keyof Cell];

function sum(cells: readonly Cell[], column: SumOf): number {
  return cells.reduce((all, cell) => all + Number(cell[column]), 0);
}

function mean(cells: readonly Cell[], spent: SumOf, counted: SumOf): Mean {
  const incidents = sum(cells, counted);
  return { seconds: incidents === 0 ? null : round(sum(cells, spent) / incidents, 3), incidents };
}

function tally<Value extends string>(
  cells: readonly Cell[],
  column: 'status' | 'verdict' | 'severity' | 'resolution',
  values: readonly Value[],
): Record<Value, number> {
  const entries = values.map((value) => [
    value,
    sum(
      cells.filter((cell) => cell[column] === value),
      'incidents',
    ),
  ]);
  return Object.fromEntries(entries) as Record<Value, number>;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
