import type { Alert } from '../alert';
import { hostFlags, normaliseHostname } from '../hostnames';
import { ipFlags, normaliseIp } from '../network';
import { normaliseLink } from '../normalise';
import { refang } from '../refang';
import type { SiteKnowledge } from '../site';
import { observablesInText } from '../text-observables';

/** The hosts that an alert names, in the one spelling of observables. */

/** Of a longer command no more is read. */
const READ_CHARS = 10_000;

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

/** What stands between a host and a user or a path: `user@host:path`. */
const BETWEEN = /@|(?<=\.[a-z]{2,24}|\d\.\d{1,3}):(?=[a-z~.])/gi;

/** The hosts that a command names, also as `user@host:path`. */
export function hostsInCommand(command = ''): string[] {
  const found = observablesInText(command.slice(0, READ_CHARS).replace(BETWEEN, ' '));
  return found.flatMap(({ type, value }) => (type === 'email' ? [] : (hostNamed(value) ?? [])));
}
