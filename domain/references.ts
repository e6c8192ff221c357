import { isWithin } from './hostnames';
import { normaliseLink } from './normalise';
import type { Observable } from './observable';

/** Where alerts point to explain their rule, and what stands in every log of a kind; nobody puts up files there. */
const REFERENCES: readonly string[] = [
  ...['mitre.org', 'cve.org', 'nist.gov', 'first.org', 'cisa.gov', 'owasp.org', 'iana.org', 'rfc-editor.org'],
  ...['snort.org', 'emergingthreats.net', 'learn.microsoft.com', 'docs.microsoft.com'],
  ...['schemas.microsoft.com', 'schemas.xmlsoap.org', 'www.w3.org'],
];

/** True for a name or link in a text that only explains: it says nothing of what happened. */
export function isReference({ type, value, roles }: Pick<Observable, 'type' | 'value' | 'roles'>): boolean {
  if (roles.some((role) => role !== 'mentioned') || (type !== 'url' && type !== 'domain')) return false;
  return isWithin(type === 'url' ? (normaliseLink(value)?.host ?? '') : value, REFERENCES);
}
