import {
  ActivityCancellationType,
  condition,
  proxyActivities,
  proxyLocalActivities,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '../../domain/names';
import type { FloorInput, FloorStep, FloorStepInput } from './script';

interface FloorActivities {
  step(input: FloorStepInput): Promise<void>;
}

/** Options are those of `workflows/steps.ts`: they are part of what a step costs. */
const locals = proxyLocalActivities<FloorActivities>({
  startToCloseTimeout: '5s',
  retry: { initialInterval: '200ms', maximumInterval: '1s', maximumAttempts: 3 },
});
const REGULAR = {
  startToCloseTimeout: '1h',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '1s', maximumInterval: '1m' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
} as const;
const regulars = proxyActivities<FloorActivities>(REGULAR);

const { KEYWORD, INT } = SearchAttributeType;

/**
 * What no playbook on this server can be cheaper than: the steps of one run of the suite, with nothing in them.
 */
export async function floor({ script }: FloorInput): Promise<void> {
  for (const step of script.before) await take(step, false);
  let left = script.lookups.length;
  for (const step of script.lookups) void take(step, false).then(() => (left -= 1));
  await condition(() => left === 0, 15_000, { summary: 'A first verdict is due without late answers' });
  for (const [index, step] of script.after.entries()) await take(step, index === script.after.length - 1);
  for (let count = 0; count < script.upserts; count++) upsert();
  if (!script.closes) await condition(() => false);
}

function take({ summary, queue }: FloorStep, last: boolean): Promise<void> {
  const input: FloorStepInput = { run: workflowInfo().workflowId, last };
  if (queue === null) return locals.step.executeWithOptions({ summary }, [input]);
  return regulars.step.executeWithOptions({ ...REGULAR, taskQueue: queue, summary }, [input]);
}

function upsert(): void {
  upsertSearchAttributes([
    { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.verdict, KEYWORD), value: 'benign' },
    { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.status, KEYWORD), value: 'closed' },
    { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.severity, KEYWORD), value: 'low' },
    { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.score, INT), value: 0 },
  ]);
}
