import type { Alert } from '../alert';
import { firstMatch } from '../first-match';
import { PLAYBOOKS } from '../playbooks';
import { fits, phraseIn, wordsOf } from './pattern';
import { TIER_CONFIDENCE, TIERS, type ClassificationRule, type Tier } from './rule';
import { RULES } from './rules';

/** What is looked at: an alert, and what its format knows beside it. */
export interface Classifiable {
  alert: Alert;
  format?: string | undefined;
  eventClasses?: readonly string[] | undefined;
}

/** A rule that applies, and why. */
export interface Hit {
  type: ClassificationRule['type'];
  tier: Tier;
  confidence: number;
  reason: string;
  /** It was written for this format, or by the site: it goes before what holds for all. */
  own: boolean;
  /** Where it was found; what several rules find in one place is one piece of evidence. */
  place: string;
}

const WHAT: Readonly<Record<Exclude<Tier, 'text'>, string>> = {
  signature: 'its rule is',
  groups: 'it is tagged',
  technique: 'its MITRE technique says',
  event_class: 'its product calls it',
};

/** Where words stand, and how much they weigh. */
const PLACES = [
  { where: 'rule_name', confidence: 0.8, reason: 'its rule name says' },
  { where: 'title', confidence: 0.8, reason: 'its title says' },
  { where: 'tags', confidence: 0.65, reason: 'it is tagged' },
  { where: 'description', confidence: 0.55, reason: 'its description says' },
] as const;

/** Of a longer text no more is read. */
const READ_CHARS = 10_000;

type Texts = Readonly<Record<Exclude<Tier, 'text'>, readonly string[]>>;

function textsOf({ alert, eventClasses = [] }: Classifiable): Texts {
  const texts = [alert.rule_id, alert.rule_name ?? alert.title].filter((text) => text !== undefined);
  return {
    signature: texts,
    groups: alert.tags ?? [],
    technique: alert.mitre ?? [],
    event_class: eventClasses,
  };
}

const isTechnique = (id: string, known: string): boolean => id === known || id.startsWith(`${known}.`);

const listOf = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value);

function fieldsFit(alert: Alert, wanted: ClassificationRule['if'] = {}): boolean {
  return Object.entries(wanted).every(([name, values]) => {
    const value = alert[name as keyof Alert];
    if (value === undefined || Array.isArray(value)) return false;
    return listOf(values).some((pattern) => fits(String(value), pattern));
  });
}

/** The text of each place as words, made once for all rules. */
function wordsAt(alert: Alert): (string | undefined)[] {
  return PLACES.map(({ where }) => {
    const value = alert[where];
    const text = Array.isArray(value) ? value.join(' | ') : value;
    return text === undefined ? undefined : wordsOf(text.slice(0, READ_CHARS));
  });
}

/** A subject as the rules look at it, made once for both tables. */
interface Readable extends Classifiable {
  texts: Texts;
  words: readonly (string | undefined)[];
}

/** What the rules of one table say, each at most once a tier and place. */
function hitsOf(rules: readonly ClassificationRule[], subject: Readable, own: boolean): Hit[] {
  const { texts, words } = subject;
  return rules.flatMap((rule): Hit[] => {
    const { type, format, confidence } = rule;
    if (format !== undefined && !listOf(format).includes(subject.format ?? '')) return [];
    if (!fieldsFit(subject.alert, rule.if)) return [];
    const known = { type, own: own || format !== undefined };
    const exact = TIERS.flatMap((tier): Hit[] => {
      if (tier === 'text') return [];
      const match = tier === 'technique' ? isTechnique : fits;
      const found = texts[tier].find((text) => rule[tier]?.some((pattern) => match(text, pattern)));
      if (found === undefined) return [];
      const weight = confidence ?? TIER_CONFIDENCE[tier];
      return [{ ...known, tier, place: tier, confidence: weight, reason: `${WHAT[tier]}: ${found}` }];
    });
    const written = PLACES.flatMap(({ where, reason, ...place }, nth): Hit[] => {
      const here = words[nth];
      const found = here && rule.text?.map((phrase) => phraseIn(here, phrase)).find((one) => one !== undefined);
      if (!found) return [];
      const weight = confidence === undefined ? place.confidence : Math.min(confidence, place.confidence);
      return [{ ...known, tier: 'text', place: where, confidence: weight, reason: `${reason}: ${found}` }];
    });
    return [...exact, ...written];
  });
}

/** By what the playbooks themselves say their alerts are known. */
function playbookHits({ alert }: Classifiable): Hit[] {
  return Object.values(PLAYBOOKS).flatMap(({ type, recognisedBy: { techniques, words, fields = [] } }): Hit[] => {
    const base = { type, own: false };
    const named = (alert.mitre ?? []).filter((id) => techniques.some((known) => isTechnique(id, known))).slice(0, 1);
    const written = PLACES.flatMap(({ where, confidence, reason }): Hit[] => {
      const value = alert[where];
      const found = firstMatch([Array.isArray(value) ? value.join(' ') : value], words);
      if (found === undefined) return [];
      return [{ ...base, tier: 'text', place: where, confidence, reason: `${reason}: ${found.trim()}` }];
    });
    return [
      ...named.map((id): Hit => {
        const reason = `${WHAT.technique}: ${id}`;
        return { ...base, tier: 'technique', place: 'technique', confidence: TIER_CONFIDENCE.technique, reason };
      }),
      ...written,
      ...fields.flatMap(({ holds, confidence, reason }): Hit[] =>
        holds(alert) ? [{ ...base, tier: 'text', place: reason, confidence, reason }] : [],
      ),
    ];
  });
}

/** Of what several rules find in one place for one type, the surest: it is said once. */
function surest(found: readonly Hit[]): Hit[] {
  const kept = new Map<string, Hit>();
  for (const hit of found) {
    const key = `${hit.type} ${hit.place} ${hit.own}`;
    const known = kept.get(key);
    if (!known || hit.confidence > known.confidence) kept.set(key, hit);
  }
  return [...kept.values()];
}

/** All that speaks for a type: the site's own rules, the shipped table, and the playbooks. */
export function hits(subject: Classifiable, siteRules: readonly ClassificationRule[] = []): Hit[] {
  const readable = { ...subject, texts: textsOf(subject), words: wordsAt(subject.alert) };
  return surest([...hitsOf(siteRules, readable, true), ...playbookHits(subject), ...hitsOf(RULES, readable, false)]);
}
