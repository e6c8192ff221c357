import type { IocType } from '../indicator';
import type { ExportedIoc, IocExport } from './export';

/** What firewalls take for "anything" in a link. */
const WILDCARD = /[*^]/;
/** A link without its scheme that has neither path nor query. */
const WHOLE_HOST = /^[^/?#]*\/?$/;

/**
 * Values of one type, one a line, as firewalls fetch them (an external dynamic list of Palo Alto Networks, a threat feed
 * of FortiGate): nothing else in the file, ranges as CIDR. Links stand without their scheme, which Palo Alto does not
 * allow and FortiGate does not need. Left out are links with a sign that would make a wildcard of them, links to the whole
 * of a host that a list names (a firewall would block the site of many), entries of another type, and what an analyst has
 * dismissed.
 */
export function plainExport(type: IocType): IocExport {
  return {
    mediaType: 'text/plain; charset=utf-8',
    extension: 'txt',
    begin: () => '',
    entry(ioc) {
      const text = ioc.type === type && ioc.standing.state !== 'dismissed' ? spelled(ioc) : undefined;
      return text === undefined ? '' : `${text}\n`;
    },
    end: () => '',
  };
}

function spelled({ type, value, listed }: ExportedIoc): string | undefined {
  if (type !== 'url') return value;
  const link = value.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  return WILDCARD.test(link) || (listed && WHOLE_HOST.test(link)) ? undefined : link;
}
