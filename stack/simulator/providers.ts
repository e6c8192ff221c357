import ipaddr from 'ipaddr.js';
import type { IpApiCatalogue, VirusTotalEntry } from './catalogue';
import { canonicalUrl, documentOf, hash, namesOf } from './virustotal-documents';

export interface Reply {
  status: number;
  body: string;
  headers: Record<string, string>;
}

export function jsonReply(status: number, document: unknown, headers: Record<string, string> = {}): Reply {
  const body = JSON.stringify(document);
  return { status, body, headers: { 'content-type': 'application/json; charset=utf-8', ...headers } };
}

/** An error in VirusTotal's shape. */
export function virusTotalError(status: number, code: string, message: string): Reply {
  return jsonReply(status, { error: { code, message } });
}

export interface VirusTotalSimulation {
  /** `path` after `/api/v3/`. */
  answer(path: string, apiKey: string | undefined, now: Date): Reply;
}

export function createVirusTotalSimulation(entries: readonly VirusTotalEntry[]): VirusTotalSimulation {
  const known = new Map(
    entries
      .filter((entry) => !entry.unknown)
      .flatMap((entry) => namesOf(entry).map((name) => [`${entry.type}/${name}`, entry] as const)),
  );
  return {
    answer(path, apiKey, now) {
      if (!apiKey) return virusTotalError(401, 'AuthenticationRequiredError', 'X-Apikey header is missing');
      const [collection = '', name = '', ...more] = path.split('/');
      const kind = KINDS[collection];
      if (!kind || !name || more.length > 0) return virusTotalError(404, 'NotFoundError', 'Resource not found.');
      const id = decodeURIComponent(name).toLowerCase();
      if (kind === 'ip_address' && !ipaddr.isValid(id)) {
        return virusTotalError(400, 'InvalidArgumentError', `"${id}" is not a valid IP address`);
      }
      if (kind === 'domain' && !isPublicName(id)) {
        return virusTotalError(400, 'InvalidArgumentError', `"${id}" is not a valid domain pattern`);
      }
      const entry = known.get(`${kind}/${kind === 'url' ? urlId(name) : id}`);
      return entry
        ? jsonReply(200, documentOf(entry, now))
        : virusTotalError(404, 'NotFoundError', `"${id}" not found`);
    },
  };
}

const KINDS: Record<string, VirusTotalEntry['type']> = {
  ip_addresses: 'ip_address',
  domains: 'domain',
  urls: 'url',
  files: 'file',
};

/** Good enough for our own documents: the real service asks the public suffix list. */
function isPublicName(name: string): boolean {
  return name.includes('.') && !/\.(?:local|test|lan|internal|corp|home|invalid|localhost)$/.test(name);
}

/** Both ways to name a URL: the SHA-256 of its canonical form, or base64url of it without padding. */
function urlId(name: string): string {
  if (/^[0-9a-f]{64}$/.test(name)) return name;
  try {
    return hash('sha256', canonicalUrl(Buffer.from(name, 'base64url').toString('utf8')));
  } catch {
    return name;
  }
}

export interface IpApiSimulation {
  /** `fields` as in the query string; undefined = the service's default set. */
  answer(address: string, fields: string | undefined): Reply;
}

const DEFAULT_FIELDS =
  'status,message,country,countryCode,region,regionName,city,zip,lat,lon,timezone,isp,org,as,query';

export function createIpApiSimulation(catalogue: IpApiCatalogue): IpApiSimulation {
  const entries = new Map(catalogue.entries.map((entry) => [entry.query, entry]));
  return {
    answer(address, fields = DEFAULT_FIELDS) {
      const message = refusalOf(address);
      const document: Record<string, unknown> = message
        ? { status: 'fail', message, query: address }
        : { status: 'success', ...(entries.get(address) ?? catalogue.default), query: address };
      const wanted = fields.split(',');
      const chosen = Object.fromEntries(Object.entries(document).filter(([name]) => wanted.includes(name)));
      return jsonReply(200, chosen);
    },
  };
}

function refusalOf(address: string): string | undefined {
  if (!ipaddr.isValid(address)) return 'invalid query';
  const range = ipaddr.process(address).range();
  if (range === 'private' || range === 'uniqueLocal') return 'private range';
  return range === 'unicast' ? undefined : 'reserved range';
}
