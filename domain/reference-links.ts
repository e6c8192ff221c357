import { isWithin } from './hostnames';

/**
 * Hosts that links in the text of an alert lead to because a tool wrote them there: its own console, a page about a
 * technique or a weakness, the name of a document format. Only such where nobody else can put a page. A link to a console
 * holds the customer's name there, and is nobody else's business.
 */
const REFERENCE_HOSTS: readonly string[] = [
  'console.aws.amazon.com',
  'console.cloud.google.com',
  'portal.azure.com',
  'security.microsoft.com',
  'securitycenter.microsoft.com',
  'securitycenter.windows.com',
  'crowdstrike.com',
  'carbonblack.net',
  'sentinelone.net',
  'splunkcloud.com',
  'console.upwind.io',
  'platform.securityscorecard.io',
  'support.securityscorecard.com',
  'attack.mitre.org',
  'capec.mitre.org',
  'cve.mitre.org',
  'cwe.mitre.org',
  'nvd.nist.gov',
  'www.virustotal.com',
  'schemas.microsoft.com',
  'schemas.openxmlformats.org',
  'schemas.xmlsoap.org',
  'type.googleapis.com',
  'www.w3.org',
];

/** True for a host that a link in free text says nothing about. In a field it counts: there it is what the alert is about. */
export function isReferenceHost(host: string): boolean {
  return isWithin(host, REFERENCE_HOSTS);
}
