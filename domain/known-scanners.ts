import type { Alert } from './alert';
import { rangeHolding } from './network';
import { FILE_TYPES, staysInside, type Observable } from './observable';
import type { CaseFacts } from './playbook';
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
export function atScannersLeave({ alerts, observables, site }: CaseFacts): string | undefined {
  const names = alerts.map(({ src_ip }) => scannerAt(src_ip, site));
  const [name] = names;
  if (name === undefined || names.includes(undefined)) return undefined;
  if (observables.some(isCarried) || alerts.some(didMore)) return undefined;
  return `${alerts[0]?.src_ip ?? ''} is a scanner that this site allows (${name})`;
}

/** A link or a file, also one that only the text names. */
function isCarried(one: Observable): boolean {
  const { type, roles } = one;
  if (roles.some((role) => role === 'link' || role === 'file')) return true;
  return (
    roles.includes('mentioned') &&
    (type === 'url' || type === 'domain' || FILE_TYPES.includes(type)) &&
    !staysInside(one)
  );
}

/** True when an alert tells of more than a connection or a login that was tried. */
export function didMore(alert: Alert): boolean {
  const { outcome, executed, clicked, process, parent_process, command_line, file_name, file_hash, email_from } = alert;
  const told = [process, parent_process, command_line, file_name, file_hash, email_from, alert.bytes_out];
  return outcome === 'success' || executed === true || clicked === true || told.some((one) => one !== undefined);
}
