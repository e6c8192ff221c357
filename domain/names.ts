import type { AlertType } from './alert';

/** Names that operators type and other tools rely on; they never change. */

/** `brute_force` → `bruteForcePlaybook`: the workflow type an operator reads in the Temporal UI. */
export function workflowType(type: AlertType): string {
  return `${type.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())}Playbook`;
}

/** Queue of the workflows and of every step that stays inside; each outside provider has a queue of its own name. */
export const PLAYBOOK_QUEUE = 'playbooks';

/** The workflow type of a re-scoring; its workflow id is the job's. */
export const RESCORE_WORKFLOW = 'rescoreIncidents';

/** The workflow type that tells another tool of escalations, and the one workflow id it runs under. */
export const NOTICE_WORKFLOW = 'deliverNotices';
export const NOTICE_WORKFLOW_ID = 'soar-notices';

export const SEARCH_ATTRIBUTES = {
  verdict: 'SoarVerdict',
  severity: 'SoarSeverity',
  alertType: 'SoarAlertType',
  source: 'SoarSource',
  status: 'SoarStatus',
  score: 'SoarScore',
} as const;

/** How an incident reads a step's place in its story, and the key that keeps it to one row: `round/step[/observable]`. */
export function actionKey(round: number, step: string, observable?: string): string {
  return observable ? `${round}/${step}/${observable}` : `${round}/${step}`;
}

/** `virustotal` → `lookupVirustotal`: the activity type an operator reads in the Temporal UI. */
export function lookupActivity(source: string): string {
  return `lookup${source.charAt(0).toUpperCase()}${source.slice(1)}`;
}

/** Activity error types that no retry can mend. */
export const FINAL_ERRORS = [
  'ClaimLost',
  'NoSuchIncident',
  'NothingToRetry',
  'UnknownEnrichment',
  'InvalidRequest',
  'NotAllowed',
  'VersionMismatch',
] as const;
