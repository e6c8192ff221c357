import { aboutFrom, networkName, type About, type NetworkKind } from '../../../domain/about';
import type { Reading } from '../../../domain/enrichment';
import { levelOf } from '../../../domain/levels';
import { FILE_TYPES, parseObservableId, type ObservableType } from '../../../domain/observable';
import type { Signal } from '../../../domain/signal';
import { isUnwanted } from '../../../domain/unwanted';
import type { ReadContext } from '../provider';
import type { VirusTotalPolicy, Bands } from './policy';
import type { VirusTotalFacts } from './schema';

const DAY_MS = 86_400_000;

/** One line, free of any policy: "12 of 91 engines call it malicious". */
export function summaryOf(facts: VirusTotalFacts): string {
  if (facts.answered === 0) return marked('known, but without an analysis', facts);
  const name = facts.malicious > 0 ? (facts.threatLabel ?? facts.family) : null;
  return marked(`${opinion(facts)}${name ? ` (${name})` : ''}`, facts);
}

/**
 * Engines of one source are correlated: their count picks one band, it does not add up. Half of "suspicious" counts, and an
 * analysis past its time counts in part. Clean only where engines answered of late and none objects.
 */
export function readVirusTotal(facts: VirusTotalFacts, context: ReadContext<VirusTotalPolicy>): Reading {
  const about = aboutOf(facts, parseObservableId(context.observable).type);
  if (facts.answered === 0) return { signals: [], about };
  const { own } = context;
  const age = ageInDays(facts, context.now);
  const stale = age !== null && age > own.stale_after_days;
  if (facts.malicious > 0 || facts.suspicious > 0) {
    return { signals: detections(facts, context, stale ? age : null), about };
  }
  const dated = age !== null;
  return {
    signals: [],
    about,
    ...(dated && !stale && { clean: marked(`0 of ${facts.answered} engines object`, facts) }),
  };
}

const KINDS_BY_TAG: Readonly<Record<string, NetworkKind>> = {
  tor: 'tor',
  vpn: 'anonymiser',
  proxy: 'anonymiser',
};

function aboutOf(
  { country, asn, asOwner, createdAt, family, threatLabel, tags, malicious }: VirusTotalFacts,
  type: ObservableType,
): About {
  return aboutFrom({
    country,
    network: networkName(asn, asOwner),
    kinds: tags.flatMap((tag) => KINDS_BY_TAG[tag.toLowerCase()] ?? []),
    registered: type === 'domain' ? createdAt : undefined,
    family: malicious > 0 ? family : undefined,
    label: malicious > 0 ? threatLabel : undefined,
  });
}

/** `staleDays` is the age of an analysis past its time, else null. */
function detections(
  facts: VirusTotalFacts,
  context: ReadContext<VirusTotalPolicy>,
  staleDays: number | null,
): Signal[] {
  const { own } = context;
  const isFile = FILE_TYPES.includes(parseObservableId(context.observable).type);
  const band = bandOf(isFile ? own.file : own.network, facts.malicious + facts.suspicious / 2);
  if (!band) return [];
  const weight = context.policy.reliability[own.reliability];
  const unwanted = isFile && isUnwanted(facts.threatLabel ?? '');
  const most = unwanted ? own.unwanted_most : 100;
  const points = Math.min(most, band.points) * (staleDays === null ? 1 : own.stale_factor);
  const enough = Math.ceil(band.from);
  const measure = `${enough} make${enough === 1 ? 's' : ''} it ${levelOf(Math.min(most, band.points) * weight)}`;
  const named = unwanted ? `, as unwanted software (${facts.threatLabel})` : '';
  const aged = staleDays === null ? '' : `; the analysis is ${Math.floor(staleDays)} days old and counts for less`;
  return [
    {
      source: 'virustotal',
      name: 'engines_malicious',
      level: levelOf(points * weight),
      points,
      reliability: own.reliability,
      evidence: context.evidence,
      observable: context.observable,
      numbers: {
        malicious: facts.malicious,
        suspicious: facts.suspicious,
        answered: facts.answered,
        band_from: band.from,
        ...(staleDays === null ? {} : { age_days: Math.floor(staleDays), stale_factor: own.stale_factor }),
      },
      sentence: marked(`${opinion(facts)}${named}; ${measure}${aged}`, facts),
    },
  ];
}

function opinion({ malicious, suspicious, answered }: VirusTotalFacts): string {
  const also = suspicious > 0 ? `, ${suspicious} suspicious` : '';
  return `${malicious} of ${answered} engines call it malicious${also}`;
}

function marked(text: string, { simulated }: VirusTotalFacts): string {
  return simulated ? `${text} (simulated)` : text;
}

function bandOf(bands: Bands, detections: number): Bands[number] | undefined {
  return bands.findLast((band) => detections >= band.from);
}

/** Age of the analysis, or the least it can be where only a later change of the object is dated; null = unknown. */
function ageInDays(facts: VirusTotalFacts, now: string): number | null {
  const at = facts.analysedAt ?? facts.modifiedAt;
  return at === null ? null : Math.max(0, (Date.parse(now) - Date.parse(at)) / DAY_MS);
}
