/** What only this site knows. Stored by content hash; every scoring round pins one version. */
export interface SiteKnowledge {
  /** Own public and private ranges in CIDR form; never sent outside. */
  own_ranges: string[];
  /** Own domains; their subdomains count too. */
  own_domains: string[];
  /** Account names, lower case, that can do damage. */
  privileged_accounts: string[];
  /** Host names whose loss hurts most. */
  critical_hosts: string[];
  /** Who may administer what from where: source host or address, destination host or address (`*` for any), user (`*` for any). */
  admin_pairs: { source: string; destination: string; user: string }[];
  /** Destinations data normally goes to: domains or CIDR ranges. */
  known_destinations: string[];
  /** Bytes out that count as large. */
  large_transfer_bytes: number;
  /** Failed attempts that count as many. */
  many_attempts: number;
}

export const DEFAULT_SITE: SiteKnowledge = {
  own_ranges: [],
  own_domains: [],
  privileged_accounts: ['administrator', 'admin', 'root', 'sa', 'domain admin', 'sysadmin'],
  critical_hosts: [],
  admin_pairs: [],
  known_destinations: [],
  large_transfer_bytes: 100_000_000,
  many_attempts: 20,
};
