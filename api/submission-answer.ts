import type { Understood } from './accept-document';
import { incidentLinks, type LinkBase } from './links';
import type { SubmissionAnswer } from './schemas/submission';

/** An answer is read by people, and a batch has a thousand of them. */
const MOST_LEFT_OVER = 50;

/** What the submitter of an alert is told. */
export function submissionAnswer(accepted: Understood, base: LinkBase): SubmissionAnswer {
  const links = incidentLinks(accepted.incidentId, accepted.alertType, base);
  return {
    incident_id: accepted.incidentId,
    alert_id: accepted.alertId,
    source_alert_id: accepted.sourceAlertId,
    status: accepted.status,
    duplicate: accepted.duplicate,
    correlated: accepted.correlated,
    correlation: accepted.correlation,
    follows: accepted.follows,
    suppressed_by: accepted.suppressedBy,
    format: accepted.format,
    alert_type: accepted.alertType,
    severity: accepted.severity,
    classification: accepted.classification,
    fields: accepted.origins,
    left_over: accepted.leftOver.slice(0, MOST_LEFT_OVER),
    links: { incident: links.self, ...links },
  };
}
