import type { temporal } from '@temporalio/proto';

type Event = temporal.api.history.v1.IHistoryEvent;

/** One empty step of the floor. */
export interface FloorStep {
  summary: string;
  /** Task queue of a regular activity; null for a local one. */
  queue: string | null;
}

/** What a run of the floor does, in order; `lookups` all at once. */
export interface FloorScript {
  before: FloorStep[];
  lookups: FloorStep[];
  after: FloorStep[];
  /** Upserts of search attributes, after the last step. */
  upserts: number;
  /** False when the run then waits for ever. */
  closes: boolean;
}

/** What a workflow of the floor is started with. */
export interface FloorInput {
  script: FloorScript;
}

/** What one step of the floor is told: as good as nothing. */
export interface FloorStepInput {
  run: string;
  /** True for the last one, at which the run counts as ended. */
  last: boolean;
}

const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('utf8');

/**
 * Reads from the history of one run of the suite which steps it took, so that the floor takes as many of the same kind.
 * A local activity is a lookup when it is named so.
 * @param floorQueue the floor's name for a queue of the suite
 */
export function scriptOf(events: readonly Event[], floorQueue: (queue: string) => string): FloorScript {
  const script: FloorScript = { before: [], lookups: [], after: [], upserts: 0, closes: false };
  let looking = false;
  for (const event of events) {
    const summary = summaryOf(event);
    const marker = event.markerRecordedEventAttributes;
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (marker?.markerName === 'core_local_activity') {
      const isLookup = localActivityOf(marker).startsWith('lookup');
      looking ||= isLookup;
      const part = isLookup ? script.lookups : looking ? script.after : script.before;
      part.push({ summary, queue: null });
    } else if (scheduled) {
      looking = true;
      script.lookups.push({ summary, queue: floorQueue(scheduled.taskQueue?.name ?? '') });
    } else if (event.upsertWorkflowSearchAttributesEventAttributes) {
      script.upserts += 1;
    } else if (event.workflowExecutionCompletedEventAttributes) {
      script.closes = true;
    }
  }
  return script;
}

function summaryOf({ userMetadata }: Event): string {
  const data = text(userMetadata?.summary?.data);
  return data === '' ? '' : (JSON.parse(data) as string);
}

function localActivityOf({ details }: temporal.api.history.v1.IMarkerRecordedEventAttributes): string {
  const data = text(details?.data?.payloads?.[0]?.data);
  return (JSON.parse(data) as { activity_type: string }).activity_type;
}
