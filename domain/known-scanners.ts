import type { Alert } from './alert';
import { rangeHolding } from './network';
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
  const carried = observables.some(({ roles }) => roles.some((role) => role === 'link' || role === 'file'));
  if (carried || alerts.some(didMore)) return undefined;
  return `${alerts[0]?.src_ip ?? ''} is a scanner that this site allows (${name})`;
}

function didMore({ outcome, executed, process, file_name, file_hash }: Alert): boolean {
  return outcome === 'success' || executed === true || [process, file_name, file_hash].some((one) => one !== undefined);
}
