import { z } from 'zod';
import { normaliseIp } from '../../../domain/network';
import type { ObservableType } from '../../../domain/observable';

/**
 * VirusTotal's answers as they really are: any attribute may be null, missing or junk; old answers have no
 * `last_analysis_stats`; collections have a list as `data`. Strict only where a wrong reading would change a verdict.
 */

/** Seconds of the Unix epoch up to the year 9999, so that a Date can hold them. */
const moment = z.number().int().min(0).max(253_402_300_799).nullish().catch(null);
const text = z.string().max(300).nullish().catch(null);
const texts = z.array(z.string().max(300)).nullish().catch(null);
const count = z.number().int().min(0).nullable();

const attributesSchema = z.object({
  last_analysis_stats: z.record(z.string(), count).nullish(),
  last_analysis_date: moment,
  last_modification_date: moment,
  creation_date: moment,
  reputation: z.number().nullish().catch(null),
  asn: z.number().int().min(0).nullish().catch(null),
  as_owner: text,
  country: text,
  meaningful_name: text,
  names: texts,
  tags: texts,
  md5: text,
  sha1: text,
  sha256: text,
  popular_threat_classification: z
    .object({
      suggested_threat_label: text,
      popular_threat_name: z
        .array(z.object({ value: z.string().max(300) }))
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch(null),
});

const objectSchema = z.object({
  data: z.object({
    id: z.string(),
    type: z.enum(['ip_address', 'domain', 'url', 'file']),
    attributes: attributesSchema,
  }),
});

const errorSchema = z.object({ error: z.object({ code: z.string().max(100) }) });

export type VirusTotalObject = z.infer<typeof objectSchema>['data'];

/** What VirusTotal says, free of any policy. Times are RFC 3339; null = it did not say. */
export interface VirusTotalFacts {
  malicious: number;
  suspicious: number;
  /** Engines that gave an opinion; 0 = no analysis, which says nothing at all. */
  answered: number;
  /** All engines asked, also those that timed out or do not know the type. */
  total: number;
  reputation: number | null;
  analysedAt: string | null;
  /** Any change of the object: the analysis cannot be younger. */
  modifiedAt: string | null;
  asn: number | null;
  asOwner: string | null;
  country: string | null;
  /** File names it was seen under, the most telling first. */
  names: string[];
  /** Family most engines name, such as `emotet`. */
  family: string | null;
  /** Such as `trojan.emotet/agentb`. */
  threatLabel: string | null;
  /** Registration of a domain; for other types what VirusTotal calls creation. */
  createdAt: string | null;
  tags: string[];
  /** The answer came from a simulator. */
  simulated: boolean;
}

/** Undefined when the document is not one object of VirusTotal. */
export function parseObject(document: unknown): VirusTotalObject | undefined {
  const parsed = objectSchema.safeParse(document);
  return parsed.success ? parsed.data.data : undefined;
}

/** `NotFoundError`, `QuotaExceededError` …, or undefined when the document is not an error of VirusTotal. */
export function errorCodeOf(body: Buffer): string | undefined {
  try {
    const parsed = errorSchema.safeParse(JSON.parse(body.toString('utf8')));
    return parsed.success ? parsed.data.error.code : undefined;
  } catch {
    return undefined;
  }
}

/** True when the object is the answer to this question. An URL's id is the hash of its canonical form, so it is not compared. */
export function answers(object: VirusTotalObject, asked: { type: ObservableType; value: string }): boolean {
  const value = asked.value.toLowerCase();
  switch (asked.type) {
    case 'ip':
      return object.type === 'ip_address' && (normaliseIp(object.id) ?? object.id) === (normaliseIp(value) ?? value);
    case 'domain':
      return object.type === 'domain' && object.id.toLowerCase() === value;
    case 'url':
      return object.type === 'url';
    case 'md5':
    case 'sha1':
    case 'sha256': {
      const named = asked.type === 'sha256' ? object.id : object.attributes[asked.type];
      return object.type === 'file' && (!named || named.toLowerCase() === value);
    }
    case 'email':
    case 'host':
    case 'user':
      return false;
  }
}

export function factsOf({ attributes }: VirusTotalObject, simulated: boolean): VirusTotalFacts {
  const stats = attributes.last_analysis_stats ?? {};
  const of = (category: string) => stats[category] ?? 0;
  const threat = attributes.popular_threat_classification;
  return {
    malicious: of('malicious'),
    suspicious: of('suspicious'),
    answered: of('malicious') + of('suspicious') + of('harmless') + of('undetected'),
    total: Object.values(stats).reduce((sum: number, value) => sum + (value ?? 0), 0),
    reputation: attributes.reputation ?? null,
    analysedAt: instant(attributes.last_analysis_date),
    modifiedAt: instant(attributes.last_modification_date),
    asn: attributes.asn ?? null,
    asOwner: attributes.as_owner ?? null,
    country: attributes.country ?? null,
    names: [...new Set([attributes.meaningful_name ?? [], attributes.names ?? []].flat())].slice(0, 5),
    family: threat?.popular_threat_name?.[0]?.value ?? null,
    threatLabel: threat?.suggested_threat_label ?? null,
    createdAt: instant(attributes.creation_date),
    tags: (attributes.tags ?? []).slice(0, 20),
    simulated,
  };
}

function instant(seconds: number | null | undefined): string | null {
  return seconds === null || seconds === undefined ? null : new Date(seconds * 1000).toISOString();
}
