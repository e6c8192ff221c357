/** A deploy that breaks old runs: the real playbook, but with a step more at its very beginning. */
import { sleep } from '@temporalio/workflow';
import { runIncident } from '../../workflows/incident';
import type { IncidentInput, IncidentOutcome } from '../../workflows/messages';

export async function bruteForcePlaybook(input: IncidentInput): Promise<IncidentOutcome> {
  await sleep('1s', { summary: 'A step that no recorded run had' });
  return runIncident(input);
}
