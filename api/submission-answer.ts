import type { Accepted } from '../db/repositories/alerts';
import { incidentLinks, type LinkBase } from './links';
import type { SubmissionAnswer } from './schemas/submission';

/** What the submitter of an alert is told. */
export function submissionAnswer(accepted: Accepted, base: LinkBase): SubmissionAnswer {
  const links = incidentLinks(accepted.incidentId, accepted.alertType, base);
  return {
    incident_id: accepted.incidentId,
    alert_id: accepted.alertId,
    source_alert_id: accepted.sourceAlertId,
    status: accepted.status,
    duplicate: accepted.duplicate,
    correlated: accepted.correlated,
    format: accepted.format,
    alert_type: accepted.alertType,
    severity: accepted.severity,
    classification: accepted.classification,
    links: { incident: links.self, ...links },
  };
}
