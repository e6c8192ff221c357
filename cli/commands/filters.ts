type Flags = Readonly<Record<string, string>>;

/** The API's filters of incidents; each is a flag of its own name, with dashes. */
export const CHOOSING = {
  verdict: 'benign, suspicious, malicious, unknown (comma list)',
  severity: 'low, medium, high, critical (comma list)',
  status: 'new, investigating, open, escalated, acknowledged, on_hold, closed (comma list)',
  resolution: 'auto_benign, true_positive, false_positive, … (comma list)',
  alert_type: 'brute_force, malware, … (comma list)',
  source: 'the tool (comma list)',
  assignee: 'who works on it',
  complete: 'true or false: did every source answer',
  flagged: 'true or false: is it closed or in hand, and needs a second look',
  suppressed: 'true or false: was it closed as it came, because it is known',
  suppressed_by: 'SUP-… that closed it (comma list)',
  sla_paused: 'true or false: is it on hold',
  sla_breached: 'true or false: did one of its clocks run out',
  ack_due_before: 'not taken up yet, and due to be before (RFC 3339)',
  close_due_before: 'due to be closed before (RFC 3339)',
  q: 'an id, address, host, user, domain or hash',
  from: 'created at or after (RFC 3339)',
  to: 'created before (RFC 3339)',
  updated_since: 'changed since (RFC 3339)',
} satisfies Flags;

/** What `GET /incidents` is narrowed, sorted and paged by. */
export const INCIDENT_FILTERS: Flags = {
  ...CHOOSING,
  sort: 'created_at, last_seen, score, severity, or what is due before: ack_due, close_due; - in front for descending',
  limit: 'how many, at most 200',
  cursor: 'the next page',
};

/** What `GET /stats` counts. */
export const STATS_FILTERS: Flags = {
  from: 'created at or after (RFC 3339; default: 30 days before the end)',
  to: 'created before (RFC 3339; default: now)',
  severity: CHOOSING.severity,
  alert_type: CHOOSING.alert_type,
  source: CHOOSING.source,
};

/** What entries of the IOC database are chosen by. */
export const IOC_FILTERS: Flags = {
  type: 'ip, domain, url, md5, sha1, sha256 or email',
  source: 'who has said something of it',
  tag: 'one that a source has given it',
  min_confidence: 'what age has left of it, 0 to 100',
  max_age_days: 'since it was last seen',
  tlp: 'what may be told at this label at most: clear, green, amber, amber+strict, red',
};

/** What `GET /iocs` is narrowed and paged by beyond that. */
export const IOC_LIST_FILTERS: Flags = {
  state: 'active, expired, confirmed, dismissed (comma list)',
  flagged: 'true or false: is it private, your own, or on a warning list',
  limit: 'how many, at most 200',
  cursor: 'the next page',
};

/** The flag of a filter. */
export function flagOf(name: string): string {
  return `--${name.replaceAll('_', '-')} <value>`;
}

/** Those that were given among commander's options, by the API's names. */
export function givenFilters(options: Record<string, unknown>, filters: Flags): Record<string, string> {
  const entries = Object.keys(filters).flatMap((name): [string, string][] => {
    const value = options[name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  return Object.fromEntries(entries);
}
