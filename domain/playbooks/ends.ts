import type { Alert } from '../alert';
import { hostFlags, normaliseHostname } from '../hostnames';
import { ipFlags, normaliseIp } from '../network';
import { normaliseLink } from '../normalise';
import { refang } from '../refang';
import type { SiteKnowledge } from '../site';

/** The hosts that an alert names, in the one spelling of observables. */

/** What a field names that holds an address, a name, defanged or not, or a link. */
export function hostNamed(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const plain = refang(text);
  const host = normaliseIp(plain) ?? normaliseHostname(plain);
  return host ?? (text.includes('/') ? normaliseLink(text)?.host : undefined);
}

/** The hosts of the links that the fields give. */
export function linkedHosts({ url, urls = [] }: Pick<Alert, 'url' | 'urls'>): string[] {
  return [url, ...urls].flatMap((link) => (link === undefined ? [] : (normaliseLink(link)?.host ?? [])));
}

/** True for a host that means nothing outside, or is the site's own; the counterpart of an observable's flags. */
export function isInside(host: string, site: Pick<SiteKnowledge, 'own_ranges' | 'own_domains'>): boolean {
  const flags = normaliseIp(host) === undefined ? hostFlags(host, site) : ipFlags(host, site);
  return flags.length > 0;
}
