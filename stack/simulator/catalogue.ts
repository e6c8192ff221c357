import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';

const FOLDER = resolve(__dirname, '../../samples/providers');

const base = {
  /** Not in the catalogue of the provider: listed so that samples can count on it. */
  unknown: z.boolean().default(false),
  malicious: z.number().int().min(0).default(0),
  suspicious: z.number().int().min(0).default(0),
  /** Engines that answered. */
  engines: z.number().int().min(0).default(0),
  reputation: z.number().int().default(0),
  tags: z.array(z.string()).default([]),
  analysed_days_ago: z.number().min(0).default(1),
};
const categories = z.array(z.string()).default([]);

const virusTotalEntry = z.discriminatedUnion('type', [
  z.strictObject({
    ...base,
    type: z.literal('ip_address'),
    id: z.string(),
    country: z.string().default('US'),
    asn: z.number().int().default(64511),
    as_owner: z.string().default('Example Carrier'),
    network: z.string().optional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal('domain'),
    id: z.string(),
    created_days_ago: z.number().default(3650),
    categories,
  }),
  z.strictObject({ ...base, type: z.literal('url'), id: z.url(), categories }),
  z.strictObject({
    ...base,
    type: z.literal('file'),
    /** The text whose hashes name the file. */
    of: z.string(),
    name: z.string().default('sample.bin'),
    family: z.string().optional(),
    label: z.string().optional(),
  }),
]);

const place = {
  country: z.string(),
  countryCode: z.string(),
  region: z.string(),
  regionName: z.string(),
  city: z.string(),
  zip: z.string(),
  lat: z.number(),
  lon: z.number(),
  timezone: z.string(),
  isp: z.string(),
  org: z.string(),
  as: z.string(),
  mobile: z.boolean(),
  proxy: z.boolean(),
  hosting: z.boolean(),
};
const ipApiCatalogue = z.strictObject({
  entries: z.array(z.strictObject({ query: z.string(), ...place })),
  default: z.strictObject(place),
});

const abuseIpDbEntry = z.strictObject({
  ip: z.string(),
  /** 0–100. */
  confidence: z.number().int().min(0).max(100),
  reports: z.number().int().min(0),
  reporters: z.number().int().min(0),
  last_reported_days_ago: z.number().min(0),
  country: z.string(),
  usage: z.string(),
  isp: z.string(),
  domain: z.string(),
  hostnames: z.array(z.string()).default([]),
  tor: z.boolean().default(false),
  whitelisted: z.boolean().default(false),
});

export type VirusTotalEntry = z.infer<typeof virusTotalEntry>;
export type EntryOf<T extends VirusTotalEntry['type']> = Extract<VirusTotalEntry, { type: T }>;
export type IpApiCatalogue = z.infer<typeof ipApiCatalogue>;
export type AbuseIpDbEntry = z.infer<typeof abuseIpDbEntry>;

/** All that the simulator answers from. */
export interface Catalogue {
  virustotal: VirusTotalEntry[];
  ipApi: IpApiCatalogue;
  abuseIpDb: AbuseIpDbEntry[];
}

/** Our own documents in `samples/providers`. @throws ZodError naming the entry that is malformed */
export function loadCatalogue(): Catalogue {
  const read = (name: string): unknown => JSON.parse(readFileSync(resolve(FOLDER, name), 'utf8'));
  return {
    virustotal: z.array(virusTotalEntry).parse(read('virustotal.json')),
    ipApi: ipApiCatalogue.parse(read('ip-api.json')),
    abuseIpDb: z.array(abuseIpDbEntry).parse(read('abuseipdb.json')),
  };
}
