import type { ClassificationRule } from './classification/rule';
import type { Severity } from './severity';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** When people work here. */
export interface WorkingHours {
  /** IANA name, such as `Europe/Berlin`. */
  timezone: string;
  days: Weekday[];
  /** `07:00` and `19:00`: from the first to before the second. */
  from: string;
  to: string;
}

/** How long may pass until a person has taken an incident up, and until it is closed; minutes. */
export interface ServiceLevel {
  acknowledge: number;
  close: number;
}

/** What only this site knows. Stored by content hash; every scoring round pins one version. */
export interface SiteKnowledge {
  /** Own public and private ranges in CIDR form; never sent outside. */
  own_ranges: string[];
  /** Own domains; their subdomains count too. */
  own_domains: string[];
  /** Account names, lower case, that can do damage. */
  privileged_accounts: string[];
  /** Accounts under special watch, lower case: who leaves, who is under suspicion. */
  risky_users: string[];
  /** Host names whose loss hurts most. */
  critical_hosts: string[];
  /** Who may administer what from where: source host or address, destination host or address (`*` for any), user (`*` for any). */
  admin_pairs: { source: string; destination: string; user: string }[];
  /** Who scans this site with its leave: addresses or CIDR ranges. */
  known_scanners: { range: string; name: string }[];
  /** Destinations data normally goes to: domains or CIDR ranges. */
  known_destinations: string[];
  /** ISO 3166-1 alpha-2. `expected`: where people work and log in from (empty = anywhere); `watched`: where nothing good comes from. */
  countries: { expected: string[]; watched: string[] };
  /** Bytes out that count as large. */
  large_transfer_bytes: number;
  /** Failed attempts that count as many. */
  many_attempts: number;
  /** A domain is young for so many days after its registration. */
  young_domain_days: number;
  /** Null = nothing is off hours. */
  working_hours: WorkingHours | null;
  sla: Record<Severity, ServiceLevel>;
  /** People are reminded of what is due when so many percent of its time are over. */
  sla_reminder_percent: number;
  /** To whom what was not done in time goes: at the first breach to the first, at the next one further. */
  escalation_levels: string[];
  /** Own rows of the classification table; they go before those that are shipped. */
  classification: ClassificationRule[];
}

const HOUR = 60;
const DAY = 24 * HOUR;

export const DEFAULT_SITE: SiteKnowledge = {
  own_ranges: [],
  own_domains: [],
  privileged_accounts: ['administrator', 'admin', 'root', 'sa', 'domain admin', 'sysadmin'],
  risky_users: [],
  critical_hosts: [],
  admin_pairs: [],
  known_scanners: [],
  known_destinations: [],
  countries: { expected: [], watched: [] },
  large_transfer_bytes: 100_000_000,
  many_attempts: 20,
  young_domain_days: 30,
  working_hours: null,
  sla: {
    critical: { acknowledge: 15, close: 8 * HOUR },
    high: { acknowledge: HOUR, close: DAY },
    medium: { acknowledge: 4 * HOUR, close: 3 * DAY },
    low: { acknowledge: DAY, close: 7 * DAY },
  },
  sla_reminder_percent: 80,
  escalation_levels: ['tier 2', 'incident lead'],
  classification: [],
};
