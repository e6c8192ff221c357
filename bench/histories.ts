import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { mean } from './statistics';

type Event = temporal.api.history.v1.IHistoryEvent;

/** Events of one history by type, without the common prefix: `MARKER_RECORDED: 7`. */
export type EventCounts = Record<string, number>;

/** What a run left in the engine. */
export interface History {
  events: Event[];
  counts: EventCounts;
  bytes: number;
}

/** How far the numbers of workflow tasks may lie apart, in the mean: two answers may come in one task or in two. */
export const TASK_TOLERANCE = 1;

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

/** The mean of each count; a type that a history does not have counts as 0 there. */
export function meanCounts(all: readonly EventCounts[]): EventCounts {
  const names = [...new Set(all.flatMap((counts) => Object.keys(counts)))].sort();
  return Object.fromEntries(names.map((name) => [name, mean(all.map((counts) => counts[name] ?? 0))]));
}

/**
 * Where the floor does not do what the suite does, in words; empty when the comparison is fair. Every type of event must
 * occur equally often; only workflow tasks may differ, by {@link TASK_TOLERANCE}.
 */
export function differencesOf(suite: EventCounts, floor: EventCounts): string[] {
  const names = [...new Set([...Object.keys(suite), ...Object.keys(floor)])].sort();
  return names.flatMap((name) => {
    const [ours, theirs] = [suite[name] ?? 0, floor[name] ?? 0];
    const tolerance = name.startsWith('WORKFLOW_TASK_') ? TASK_TOLERANCE : 0;
    return Math.abs(ours - theirs) <= tolerance ? [] : [`${name}: ${ours} in the suite, ${theirs} in the floor`];
  });
}
