import { isPublicDomain } from './hostnames';
import { normaliseIp } from './network';
import { normaliseLink } from './normalise';
import type { ObservableType } from './observable';
import { isReferenceHost } from './reference-links';

/** A value found in free text, normalised. */
export interface Found {
  type: ObservableType;
  value: string;
}

/** Anchored on `://` and bounded, so that no input makes it look at a character more than a fixed number of times. */
const LINK = /(?<![a-z0-9])[a-z][a-z0-9+.-]{1,15}:\/\/[^\s"'<>`{}|\\^]{1,9000}/gi;
/** A link as the parameter of another one, as in rewritten mails and redirects. */
const ENCODED_LINK = /https?%3a(?:%2f|\/){2}[^\s"'<>`{}|\\^&;,]{1,4096}/gi;
/** What ends a sentence or a quotation, not a link. */
const EDGE = /[).,;:!?\]\u00bb\u2019\u201d\u2026]{1,8}$/;

/** The links of a text with where they lead, and the text without them. */
export function takeLinks(text: string): { found: Found[]; rest: string } {
  const found: Found[] = [];
  const rest = text.replace(LINK, (match) => {
    found.push(...fromLink(withoutEdge(match)));
    return ' ';
  });
  for (const [encoded] of text.matchAll(ENCODED_LINK)) found.push(...fromLink(decoded(encoded)));
  return { found, rest };
}

/** A bracket that the link itself has opened belongs to it. */
function withoutEdge(link: string): string {
  return link.replace(EDGE, (edge, start: number) => {
    const closes = (edge.startsWith(']') && link.includes('[')) || (edge.startsWith(')') && link.includes('('));
    return closes ? link.slice(start, start + 1) : '';
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

function fromHost(host: string): Found[] {
  if (normaliseIp(host) !== undefined) return [{ type: 'ip', value: host }];
  return isPublicDomain(host) ? [{ type: 'domain', value: host }] : [];
}

/** A link and the host it leads to. */
export function fromLink(text: string): Found[] {
  const link = text === '' ? undefined : normaliseLink(text);
  if (!link || isReferenceHost(link.host)) return [];
  return link.url === undefined ? fromHost(link.host) : [{ type: 'url', value: link.url }, ...fromHost(link.host)];
}
