import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporal } from '@temporalio/proto';
import type { HistoryEvent } from '../support/history';

const { History } = temporal.api.history.v1;

/** Recorded histories, one file per workflow type and scenario; `record.ts` makes them. */
export const HISTORIES = join(__dirname, 'histories');

export interface RecordedHistory {
  /** File name without its ending: workflow type, then scenario. */
  name: string;
  workflowType: string;
  text: string;
  events: HistoryEvent[];
}

export function recordedHistories(): RecordedHistory[] {
  return readdirSync(HISTORIES)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const text = readFileSync(join(HISTORIES, file), 'utf8');
      const { events } = History.fromObject(JSON.parse(text) as object);
      const workflowType = events[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? '';
      return { name: file.replace(/\.json$/, ''), workflowType, text, events };
    });
}

/** What says on which machine a history was made, and has no part in a replay. */
const SCRUBBED: Record<string, string> = { identity: 'recorded', stackTrace: '' };

/** The file of a history: one event a line, without any trace of the machine it was recorded on. */
export function historyFile(history: temporal.api.history.v1.IHistory): string {
  const { events } = History.toObject(History.fromObject(history), { enums: String, longs: String, bytes: String });
  const lines = (events as object[]).map((event) => JSON.stringify(event, scrub));
  return `{"events":[\n${lines.join(',\n')}\n]}\n`;
}

function scrub(key: string, value: unknown): unknown {
  return SCRUBBED[key] ?? value;
}
