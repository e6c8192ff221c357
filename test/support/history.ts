import type { temporal } from '@temporalio/proto';
import Long from 'long';
import type { TestSystem } from './system';

export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Payload = temporal.api.common.v1.IPayload;

/** The events of an incident's present run. */
export async function eventsOf({ client }: Pick<TestSystem, 'client'>, incidentId: string): Promise<HistoryEvent[]> {
  const history = await client.workflow.getHandle(incidentId).fetchHistory();
  return history.events ?? [];
}

/** Everything a history holds, payloads in clear and without the escapes of JSON in JSON, as one text to search. */
export function clearText(events: readonly HistoryEvent[]): string {
  const textOf = (value: unknown): unknown => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
    if (Array.isArray(value)) return value.map(textOf);
    if (typeof value !== 'object' || value === null || Long.isLong(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, textOf(inner)]));
  };
  return JSON.stringify(textOf(events)).replaceAll('\\', '');
}

/** What the Temporal UI shows beside an event. */
export function summaryOf(event: HistoryEvent): string | undefined {
  return decode(event.userMetadata?.summary);
}

function decode(payload: Payload | null | undefined): string | undefined {
  return payload?.data ? (JSON.parse(Buffer.from(payload.data).toString('utf8')) as string) : undefined;
}

/** Activity types that were scheduled as regular activities. */
export function scheduled(events: readonly HistoryEvent[]): string[] {
  return events.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? []);
}
