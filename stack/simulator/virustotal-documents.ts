import { createHash } from 'node:crypto';
import type { EntryOf, VirusTotalEntry } from './catalogue';

const DAY_S = 86_400;

/** Names of engines that do not exist: ten times eleven of them. */
const FIRST = ['Alder', 'Basalt', 'Cobalt', 'Drift', 'Ember', 'Flint', 'Granite', 'Harbour', 'Iron', 'Juniper'];
const SECOND = ['gate', 'watch', 'scan', 'ward', 'shield', 'light', 'point', 'guard', 'sense', 'trace', 'mark'];

type Category = 'malicious' | 'suspicious' | 'harmless' | 'undetected' | 'timeout' | 'type-unsupported';
const RESULTS: Record<Category, string | null> = {
  malicious: 'malware',
  suspicious: 'suspicious',
  harmless: 'clean',
  undetected: 'unrated',
  timeout: 'timeout',
  'type-unsupported': null,
};

/** The answer VirusTotal would give about an entry, in its full shape; every date is relative to `now`. */
export function documentOf(entry: VirusTotalEntry, now: Date): unknown {
  const id = idOf(entry);
  const collection = entry.type === 'ip_address' ? 'ip_addresses' : `${entry.type}s`;
  const self = `https://www.virustotal.com/api/v3/${collection}/${id}`;
  return { data: { type: entry.type, id, links: { self }, attributes: attributesOf(entry, new Clock(now)) } };
}

/** As VirusTotal names the object: a URL by the SHA-256 of its canonical form, a file by its SHA-256. */
export function idOf(entry: VirusTotalEntry): string {
  if (entry.type === 'url') return hash('sha256', canonicalUrl(entry.id));
  return entry.type === 'file' ? hash('sha256', entry.of) : entry.id;
}

/** Every id a client may ask for the entry by. */
export function namesOf(entry: VirusTotalEntry): string[] {
  if (entry.type !== 'file') return [idOf(entry)];
  return (['md5', 'sha1', 'sha256'] as const).map((algorithm) => hash(algorithm, entry.of));
}

export function canonicalUrl(url: string): string {
  return new URL(url).href;
}

export function hash(algorithm: 'md5' | 'sha1' | 'sha256', text: string): string {
  return createHash(algorithm).update(text).digest('hex');
}

class Clock {
  constructor(private readonly now: Date) {}

  /** Seconds of the Unix epoch. */
  daysAgo(days: number): number {
    return Math.floor(this.now.getTime() / 1000 - days * DAY_S);
  }
}

function attributesOf(entry: VirusTotalEntry, clock: Clock): Record<string, unknown> {
  switch (entry.type) {
    case 'ip_address':
      return { ...analysisOf(entry, clock), ...addressAttributes(entry, clock) };
    case 'domain':
      return { ...analysisOf(entry, clock), ...domainAttributes(entry, clock) };
    case 'url':
      return { ...analysisOf(entry, clock), ...urlAttributes(entry, clock) };
    case 'file':
      return { ...analysisOf(entry, clock), ...fileAttributes(entry, clock) };
  }
}

function analysisOf(entry: VirusTotalEntry, clock: Clock): Record<string, unknown> {
  const isFile = entry.type === 'file';
  const rest = Math.max(0, entry.engines - entry.malicious - entry.suspicious);
  const harmless = isFile ? 0 : Math.round(rest * 0.66);
  const stats: Partial<Record<Category, number>> = {
    malicious: entry.malicious,
    suspicious: entry.suspicious,
    undetected: rest - harmless,
    harmless,
    timeout: 0,
    ...(isFile && { 'type-unsupported': 4 }),
  };
  return {
    last_analysis_stats: isFile ? { ...stats, 'confirmed-timeout': 0, failure: 0 } : stats,
    last_analysis_results: resultsOf(stats, entry, clock),
    last_analysis_date: clock.daysAgo(entry.analysed_days_ago),
    last_modification_date: clock.daysAgo(entry.analysed_days_ago),
    reputation: entry.reputation,
    tags: entry.tags,
    total_votes: { harmless: Math.max(0, entry.reputation), malicious: Math.max(0, -entry.reputation) },
  };
}

function resultsOf(stats: Partial<Record<Category, number>>, entry: VirusTotalEntry, clock: Clock): unknown {
  const categories = (Object.keys(stats) as Category[]).flatMap((category) =>
    Array<Category>(stats[category] ?? 0).fill(category),
  );
  const update = new Date(clock.daysAgo(entry.analysed_days_ago) * 1000).toISOString().slice(0, 10).replaceAll('-', '');
  const version = entry.type === 'file' ? { engine_version: '1.0.0', engine_update: update } : {};
  return Object.fromEntries(
    categories.map((category, index) => {
      const engine_name = `${FIRST[index % FIRST.length]}${SECOND[Math.floor(index / FIRST.length) % SECOND.length]}`;
      const result = entry.type === 'file' ? fileResult(entry, category) : RESULTS[category];
      return [engine_name, { method: 'blacklist', engine_name, category, result, ...version }];
    }),
  );
}

function fileResult(entry: EntryOf<'file'>, category: Category): string | null {
  return category === 'malicious' ? (entry.label ?? 'malware') : null;
}

function addressAttributes(entry: EntryOf<'ip_address'>, clock: Clock): Record<string, unknown> {
  return {
    asn: entry.asn,
    as_owner: entry.as_owner,
    country: entry.country,
    continent: 'EU',
    network: entry.network ?? `${entry.id}/32`,
    regional_internet_registry: 'RIPE NCC',
    jarm: null,
    whois: `inetnum: ${entry.network ?? entry.id}\norg-name: ${entry.as_owner}\ncountry: ${entry.country}`,
    whois_date: clock.daysAgo(20),
    last_https_certificate_date: clock.daysAgo(10),
  };
}

function domainAttributes(entry: EntryOf<'domain'>, clock: Clock): Record<string, unknown> {
  const created = clock.daysAgo(entry.created_days_ago);
  return {
    creation_date: created,
    last_update_date: clock.daysAgo(Math.min(entry.created_days_ago, 90)),
    categories: categoriesOf(entry.categories),
    registrar: 'Example Registrar, Inc.',
    popularity_ranks: {},
    last_dns_records: [{ type: 'A', ttl: 300, value: '192.0.2.10' }],
    last_dns_records_date: clock.daysAgo(entry.analysed_days_ago),
    jarm: null,
    whois: `Domain Name: ${entry.id.toUpperCase()}\nCreation Date: ${new Date(created * 1000).toISOString()}`,
    whois_date: clock.daysAgo(2),
  };
}

function urlAttributes(entry: EntryOf<'url'>, clock: Clock): Record<string, unknown> {
  const url = canonicalUrl(entry.id);
  return {
    url,
    last_final_url: url,
    redirection_chain: [url],
    title: '',
    categories: categoriesOf(entry.categories),
    first_submission_date: clock.daysAgo(5),
    last_submission_date: clock.daysAgo(entry.analysed_days_ago),
    last_http_response_code: 200,
    last_http_response_content_length: 1256,
    last_http_response_content_sha256: hash('sha256', url),
    last_http_response_headers: { 'content-type': 'text/html; charset=UTF-8' },
    html_meta: {},
    outgoing_links: null,
    trackers: {},
    times_submitted: 3,
    has_content: false,
  };
}

function fileAttributes(entry: EntryOf<'file'>, clock: Clock): Record<string, unknown> {
  const { family, label } = entry;
  return {
    md5: hash('md5', entry.of),
    sha1: hash('sha1', entry.of),
    sha256: hash('sha256', entry.of),
    size: 184_320,
    meaningful_name: entry.name,
    names: [entry.name],
    type_tag: entry.tags[0] ?? 'unknown',
    type_description: entry.tags.includes('peexe') ? 'Win32 EXE' : 'Office Open XML Document',
    creation_date: clock.daysAgo(30),
    first_submission_date: clock.daysAgo(14),
    last_submission_date: clock.daysAgo(entry.analysed_days_ago),
    times_submitted: 12,
    unique_sources: 7,
    sandbox_verdicts: null,
    sigma_analysis_stats: null,
    crowdsourced_yara_results: null,
    ...(label && {
      popular_threat_classification: {
        suggested_threat_label: label,
        popular_threat_category: [{ value: label.split('.')[0], count: entry.malicious }],
        popular_threat_name: family ? [{ value: family, count: entry.malicious }] : [],
      },
    }),
  };
}

function categoriesOf(categories: string[]): Record<string, string> {
  return Object.fromEntries(
    categories.map((category, index) => [`${FIRST[index % FIRST.length]} Categories`, category]),
  );
}
