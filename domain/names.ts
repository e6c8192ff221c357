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

/** The workflow type that reads a file of indicators; its workflow id is the import's. */
export const IMPORT_WORKFLOW = 'importIocs';

/** The workflow type that fetches a feed of indicators and imports what it got. */
export const POLL_WORKFLOW = 'pollFeed';
const FEED_PREFIX = 'ioc-feed-';

/** The Temporal Schedule of a source's feed; its runs are named after it, with the time behind. */
export function feedScheduleId(source: string): string {
  return `${FEED_PREFIX}${source}`;
}

/** The source whose feed a Temporal Schedule is for; undefined when it is for something else. */
export function sourceOfSchedule(scheduleId: string): string | undefined {
  return scheduleId.startsWith(FEED_PREFIX) ? scheduleId.slice(FEED_PREFIX.length) : undefined;
}

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
