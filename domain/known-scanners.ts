import type { Alert } from './alert';
import { rangeHolding } from './network';
import { FILE_TYPES, staysInside, type Observable } from './observable';
import type { CaseFacts } from './playbook';
import { isReference } from './references';
import type { SiteKnowledge } from './site';

/** Name under which the site's own list of scanners guards. */
export const SITE_SCANNERS = 'known_scanners';

/** Who scans the site with its leave from that address: the scanner's name. */
export function scannerAt(address: string | undefined, { known_scanners }: SiteKnowledge): string | undefined {
  if (address === undefined) return undefined;
  const holding = rangeHolding(
    address,
    known_scanners.map(({ range }) => range),
  );
  return known_scanners.find(({ range }) => range === holding)?.name;
}

/**
 * Why the case is a scan that the site allows: every alert names one of its scanners as the source, by address, and tells of
 * nothing but knocking. A scanner is a machine like others: what got in, what ran, a file or a link are no scan.
 */
export function atScannersLeave(facts: CaseFacts): string | undefined {
  const names = facts.alerts.map(({ src_ip }) => scannerAt(src_ip, facts.site));
  const [name] = names;
  if (name === undefined || names.includes(undefined) || toldOfMore(facts)) return undefined;
  return leaveOf(facts.alerts[0]?.src_ip, name);
}

/** Why one of the site's scanners has no leave for this: the alerts tell of more than knocking. */
export function abusedLeave(facts: CaseFacts): string | undefined {
  if (!toldOfMore(facts)) return undefined;
  const { alerts, site } = facts;
  const scanning = alerts.find(({ src_ip }) => scannerAt(src_ip, site) !== undefined);
  const name = scannerAt(scanning?.src_ip, site);
  return name === undefined ? undefined : `${leaveOf(scanning?.src_ip, name)}, but it did not only knock.`;
}

function leaveOf(address = '', name: string): string {
  return `${address} is a scanner that this site allows (${name})`;
}

/** True when the alerts tell of more than connections and logins that were tried. */
export function toldOfMore({ alerts, observables }: Pick<CaseFacts, 'alerts' | 'observables'>): boolean {
  return observables.some(isCarried) || alerts.some(didMore);
}

/** A link or a file, also one that only the text names; not what explains the rule. */
function isCarried(one: Observable): boolean {
  const { type, roles } = one;
  if (roles.some((role) => role === 'link' || role === 'file')) return true;
  if (!roles.includes('mentioned') || staysInside(one)) return false;
  return FILE_TYPES.includes(type) || ((type === 'url' || type === 'domain') && !isReference(one));
}

/** More than a probe or a try sends. */
const SENT_MUCH = 10_000_000;
/** What answers a login, and is named by its log. */
const LOGIN_SERVICES = /(?:^|[\\/])(?:sshd|dovecot|vsftpd|proftpd|pure-ftpd|smtpd|xrdp|lsass\.exe|winlogon\.exe|-)$/i;

function didMore(alert: Alert): boolean {
  const { outcome, executed, clicked, process, parent_process, command_line, file_name, file_hash, email_from } = alert;
  if (outcome === 'success' || executed === true || clicked === true) return true;
  if ((alert.bytes_out ?? 0) > SENT_MUCH) return true;
  if (process !== undefined && !LOGIN_SERVICES.test(process.trim().slice(-260))) return true;
  return [parent_process, command_line, file_name, file_hash, email_from].some((one) => one !== undefined);
}
