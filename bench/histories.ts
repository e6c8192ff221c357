import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { mean, median } from './statistics';

type Event = temporal.api.history.v1.IHistoryEvent;

/** Events of one history by type, without the common prefix: `MARKER_RECORDED: 7`. */
export type EventCounts = Record<string, number>;

/** What a run left in the engine. */
export interface History {
  events: Event[];
  counts: EventCounts;
  bytes: number;
}

/** So many workflow tasks more than the suite's, in the mean, are chance; with more the floor would be too heavy. */
export const MORE_TASKS = 1;

export async function fetchHistory(client: Client, workflowId: string): Promise<History> {
  const handle = client.workflow.getHandle(workflowId);
  const [{ events }, { historySize }] = await Promise.all([handle.fetchHistory(), handle.describe()]);
  return { events: events ?? [], counts: countEvents(events ?? []), bytes: historySize ?? 0 };
}

export function countEvents(events: readonly Event[]): EventCounts {
  const counts: EventCounts = {};
  for (const { eventType } of events) {
    const name = String(temporal.api.enums.v1.EventType[eventType ?? 0]).replace('EVENT_TYPE_', '');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const isTask = (name: string): boolean => name.startsWith('WORKFLOW_TASK_');

/**
 * What is typical: the median of each count, so that a single run that took another round on a busy machine changes
 * nothing; of workflow tasks the mean. A type that a history does not have counts as 0 there.
 */
export function typicalCounts(all: readonly EventCounts[]): EventCounts {
  const names = [...new Set(all.flatMap((counts) => Object.keys(counts)))].sort();
  return Object.fromEntries(
    names.flatMap((name) => {
      const values = all.map((counts) => counts[name] ?? 0);
      const typical = isTask(name) ? mean(values) : median(values);
      return typical === 0 ? [] : [[name, typical]];
    }),
  );
}

/**
 * Where the floor does not do what the suite does, in words; empty when the comparison is fair. Every type of event must
 * occur equally often in a typical run. Only workflow tasks may differ: answers that come together come in one task, so the
 * floor, which is quicker, may have as many fewer as it has regular activities, and {@link MORE_TASKS} more.
 */
export function differencesOf(suite: EventCounts, floor: EventCounts): string[] {
  const names = [...new Set([...Object.keys(suite), ...Object.keys(floor)])].sort();
  return names.flatMap((name) => {
    const [ours, theirs] = [suite[name] ?? 0, floor[name] ?? 0];
    const fewer = isTask(name) ? (suite.ACTIVITY_TASK_SCHEDULED ?? 0) : 0;
    const more = isTask(name) ? MORE_TASKS : 0;
    return ours - theirs <= fewer && theirs - ours <= more
      ? []
      : [`${name}: ${ours} in the suite, ${theirs} in the floor`];
  });
}
