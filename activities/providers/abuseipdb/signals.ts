import { aboutFrom, kindsOf, type About } from '../../../domain/about';
import { counted } from '../../../domain/counted';
import type { Reading } from '../../../domain/enrichment';
import { levelOf } from '../../../domain/levels';
import type { Signal } from '../../../domain/signal';
import type { ReadContext } from '../provider';
import type { AbuseIpDbPolicy } from './policy';
import { MAX_AGE_DAYS, type AbuseIpDbFacts } from './schema';

const DAY_MS = 86_400_000;

/** One line, free of any policy and clock: "confidence 87 of 100 from 132 reports by 41 reporters, last on 2026-11-21". */
export function summaryOf(facts: AbuseIpDbFacts): string {
  const last = facts.lastReportedAt === null ? '' : `, last on ${facts.lastReportedAt.slice(0, 10)}`;
  const told =
    facts.reports === 0 ? `not reported in ${MAX_AGE_DAYS} days, which says nothing` : `${opinion(facts)}${last}`;
  const marks = [facts.whitelisted && 'whitelisted', facts.tor && 'Tor exit'].filter(Boolean);
  return marked([told, ...marks].join(', '), facts);
}

/**
 * Reports come from anybody, so their confidence picks one band of few points. Addresses that AbuseIPDB trusts get none:
 * attackers report those too. No reports are no evidence of clean.
 */
export function readAbuseIpDb(facts: AbuseIpDbFacts, context: ReadContext<AbuseIpDbPolicy>): Reading {
  const about = aboutOf(facts);
  if (facts.whitelisted) return { signals: [], about };
  const { own, now } = context;
  const signals: Signal[] = [];
  const band = own.bands.findLast(({ from }) => facts.confidence >= from);
  if (band) {
    const level = levelOf(band.points * context.policy.reliability[own.reliability]);
    const sentence = `${opinion(facts)}${lastOf(facts, now)}; ${band.from} makes it ${level}`;
    signals.push(
      signalOf(context, {
        name: 'abuse_reports',
        points: band.points,
        numbers: { confidence: facts.confidence, reports: facts.reports, band_from: band.from },
        sentence: marked(sentence, facts),
      }),
    );
  }
  if (facts.tor && own.tor_points > 0) {
    const sentence = marked('The address is a Tor exit', facts);
    signals.push(signalOf(context, { name: 'tor_exit', points: own.tor_points, sentence }));
  }
  return { signals, about };
}

function aboutOf({ countryCode, tor, usage }: AbuseIpDbFacts): About {
  const hosting = /data cent(?:er|re)|hosting/i.test(usage ?? '');
  return aboutFrom({ country: countryCode, kinds: kindsOf({ tor, hosting }) });
}

function signalOf(
  { own, policy, evidence, observable }: ReadContext<AbuseIpDbPolicy>,
  said: Pick<Signal, 'name' | 'points' | 'sentence' | 'numbers'>,
): Signal {
  const { reliability } = own;
  const level = levelOf(said.points * policy.reliability[reliability]);
  return { source: 'abuseipdb', level, reliability, evidence, observable, ...said };
}

function opinion({ confidence, reports, reporters }: AbuseIpDbFacts): string {
  const by = reporters === null ? '' : ` by ${counted(reporters, 'reporter')}`;
  return `confidence ${confidence} of 100 from ${counted(reports, 'report')}${by}`;
}

function lastOf({ lastReportedAt }: AbuseIpDbFacts, now: string): string {
  if (lastReportedAt === null) return '';
  const days = Math.floor((Date.parse(now) - Date.parse(lastReportedAt)) / DAY_MS);
  if (days <= 0) return ', last today';
  return days === 1 ? ', last yesterday' : `, last ${days} days ago`;
}

function marked(text: string, { simulated }: AbuseIpDbFacts): string {
  return simulated ? `${text} (simulated)` : text;
}
