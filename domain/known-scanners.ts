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

/** Why the case is a scan that the site allows: every alert names one of its scanners as the source, by address. */
export function atScannersLeave({ alerts, site }: CaseFacts): string | undefined {
  const names = alerts.map(({ src_ip }) => scannerAt(src_ip, site));
  const [name] = names;
  if (name === undefined || names.includes(undefined)) return undefined;
  return `${alerts[0]?.src_ip ?? ''} is a scanner that this site allows (${name})`;
}
