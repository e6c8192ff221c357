/** The API's filters of `GET /incidents`; each is a flag of its own name, with dashes. */
export const INCIDENT_FILTERS: Readonly<Record<string, string>> = {
  verdict: 'benign, suspicious, malicious, unknown (comma list)',
  severity: 'low, medium, high, critical (comma list)',
  status: 'new, investigating, open, escalated, acknowledged, on_hold, closed (comma list)',
  alert_type: 'brute_force, malware, … (comma list)',
  source: 'the tool (comma list)',
  assignee: 'who works on it',
  complete: 'true or false: did every source answer',
  q: 'an id, address, host, user, domain or hash',
  from: 'created at or after (RFC 3339)',
  to: 'created before (RFC 3339)',
  updated_since: 'changed since (RFC 3339)',
  sort: 'created_at, last_seen, score or severity; - in front for descending',
  limit: 'how many, at most 200',
  cursor: 'the next page',
};
