import type { Alert } from './alert';
import { LONGEST_URL, normaliseLink } from './normalise';
import { refang } from './refang';

/** Percent-encoding makes nine characters of one: a link in a text may be as short and still be too long. */
const SHORTEST_LONG = Math.floor(LONGEST_URL / 9);
const LONG_LINK = new RegExp(`(?<![a-z0-9])[a-z][a-z0-9+.-]{1,15}://[^\\s"'<>\`{}|\\\\^]{${SHORTEST_LONG},9000}`, 'gi');
const READ_CHARS = 1024 * 1024;

/** Read once for the alerts of a round: every observable is asked about. */
const read = new WeakMap<readonly Alert[], ReadonlySet<string>>();

/**
 * The hosts of links that are too long to be kept and looked up. Such a link is known by its host only, and that says
 * nothing of a page on it.
 */
export function unreadHosts(alerts: readonly Alert[]): ReadonlySet<string> {
  let hosts = read.get(alerts);
  if (hosts === undefined) {
    hosts = new Set(alerts.flatMap((alert) => linksOf(alert)).flatMap((link) => unreadHost(link) ?? []));
    read.set(alerts, hosts);
  }
  return hosts;
}

function linksOf(alert: Alert): string[] {
  const { url, urls = [], domain, title, email_subject, command_line, description, raw_log } = alert;
  const fields = [url, ...urls, domain].filter((link) => link !== undefined);
  const texts = [title, email_subject, command_line, description, raw_log].filter((text) => text !== undefined);
  return [
    ...fields.filter((link) => link.length >= SHORTEST_LONG),
    ...texts
      .filter((text) => text.length >= SHORTEST_LONG)
      .flatMap((text) => refang(text.slice(0, READ_CHARS)).match(LONG_LINK) ?? []),
  ];
}

function unreadHost(text: string): string | undefined {
  const link = normaliseLink(text);
  return link?.url === undefined ? link?.host : undefined;
}
