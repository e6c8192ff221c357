import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from '../../../domain/canonical-json';
import { mustBeClean } from '../../../domain/clean';
import { decide } from '../../../domain/decide';
import { isAlarming } from '../../../domain/earlier';
import type { Finding } from '../../../domain/enrichment';
import type { Decision } from '../../../domain/incident';
import { observableId } from '../../../domain/observable';
import { playbookFor } from '../../../domain/playbooks';
import type { Judgement } from '../../../activities/judge';
import type { Assessment } from '../../../domain/verdict';
import { cases, earlierIn, judged, spoken, type Generated, type Said } from './generated';

/** The same cases on every machine. */
const SEED = 20261123;
const RUNS = { seed: SEED, numRuns: 120 };

/** Made once: making a case takes longer than judging it. */
const CASES = fc.sample(cases(), { seed: SEED, numRuns: 300 });
const anyCase = fc.constantFrom(...CASES);

const known = new WeakMap<Generated, Judgement>();

/** Those that are made are judged once. */
function judgement(given: Generated): Judgement {
  const found = known.get(given) ?? judged(given);
  known.set(given, found);
  return found;
}

function assessed(given: Generated): Assessment {
  return judgement(given).assessment;
}

function decided(given: Generated): Decision {
  const { facts, assessment } = judgement(given);
  return decide(playbookFor(given.evidence.alertType), facts, assessment);
}

function withFindings(given: Generated, findings: Finding[]): Generated {
  return { ...given, evidence: { ...given.evidence, findings } };
}

function saidBy({ facts }: Finding): Said | undefined {
  return facts === null ? undefined : (facts as Said);
}

/** The list in an order that the numbers choose. */
function shuffled<T>(list: readonly T[], keys: readonly number[]): T[] {
  return list
    .map((one, index) => ({ one, key: keys[index % keys.length]! * (index + 1) }))
    .sort((a, b) => (a.key % 101) - (b.key % 101))
    .map(({ one }) => one);
}

/** True when the policy requires the source's answer on that. */
function isRequired(given: Generated, { source, observable }: Finding): boolean {
  const scope = given.rules.policy.required[source];
  const playbook = playbookFor(given.evidence.alertType);
  const { facts } = judgement(given);
  const planned = playbook.observables(facts);
  const must = mustBeClean(playbook, facts);
  const main = must.length > 0 ? must : planned.slice(0, 1);
  const of = scope === 'all' ? planned : scope === 'main' ? main : [];
  return of.some((one) => observableId(one) === observable);
}

describe('a judgement of whatever comes', () => {
  const keys = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 7, maxLength: 7 });

  test('does not depend on the order of findings, of what each says, and of what was before', () => {
    fc.assert(
      fc.property(anyCase, keys, (given, order) => {
        const { evidence } = given;
        const findings = shuffled(evidence.findings, order).map((finding) => {
          const said = saidBy(finding);
          return said ? { ...finding, facts: { ...said, signals: shuffled(said.signals, order) } } : finding;
        });
        const earlier = shuffled(evidence.earlier, order).map((one) => ({
          ...one,
          shares: shuffled(one.shares, order),
          hosts: shuffled(one.hosts, order),
        }));
        const other = { ...given, evidence: { ...evidence, findings, earlier } };
        assert.deepEqual(assessed(other), assessed(given));
        assert.deepEqual(decided(other), decided(given));
      }),
      RUNS,
    );
  });

  test('never falls by a further signal', () => {
    fc.assert(
      fc.property(anyCase, spoken, fc.nat(40), (given, more, at) => {
        const { findings } = given.evidence;
        const findingsAfter = findings.map((finding, index) => {
          if (index !== at % findings.length) return finding;
          const said = saidBy(finding) ?? { signals: [] };
          return { ...finding, state: 'ok' as const, facts: { ...said, signals: [...said.signals, more] } };
        });
        const [before, after] = [assessed(given).score, assessed(withFindings(given, findingsAfter)).score];
        assert.ok(after >= before, `${after} after ${before}`);
      }),
      RUNS,
    );
  });

  test('never falls by more points', () => {
    fc.assert(
      fc.property(anyCase, fc.nat(40), fc.integer({ min: 1, max: 100 }), (given, at, more) => {
        const { findings } = given.evidence;
        const raised = findings.map((finding, index) => {
          const said = saidBy(finding);
          if (!said || index !== at % findings.length) return finding;
          const signals = said.signals.map((one) => ({ ...one, points: Math.min(100, one.points + more) }));
          return { ...finding, facts: { ...said, signals } };
        });
        const [before, after] = [assessed(given).score, assessed(withFindings(given, raised)).score];
        assert.ok(after >= before, `${after} after ${before}`);
      }),
      RUNS,
    );
  });

  test('never falls by a further alarm of before, nor by one that nobody takes back', () => {
    const extended = anyCase.chain((given) =>
      earlierIn(given.evidence.observables).map((one) => ({ given, alarm: { ...one, id: 'INC-100' } })),
    );
    fc.assert(
      fc.property(extended, ({ given, alarm }) => {
        const { evidence } = given;
        const more = { ...given, evidence: { ...evidence, earlier: [...evidence.earlier, alarm] } };
        const standing = evidence.earlier.map((one) => ({ ...one, verdict: 'malicious' as const, resolution: null }));
        const kept = { ...given, evidence: { ...evidence, earlier: standing } };
        assert.ok(standing.every(isAlarming), 'all of them are held to be harm');
        const { score } = assessed(given);
        assert.ok(assessed(more).score >= score, 'one more');
        assert.ok(assessed(kept).score >= score, 'none taken back');
      }),
      RUNS,
    );
  });

  const LACKING = ['waiting', 'failed', 'not_sent', 'not_configured'] as const;
  const less = fc.constantFrom(...LACKING, 'not_known' as const, 'removed' as const);

  test('is never benign only because a source is missing', () => {
    let tried = 0;
    fc.assert(
      fc.property(anyCase, fc.nat(40), less, (given, at, state) => {
        const { findings } = given.evidence;
        const lost = findings[at % findings.length];
        if (!lost || (lost.source === 'iocs' && state === 'not_sent')) return;
        const said = saidBy(lost);
        // what a source that nobody requires said against it is gone with it, and so is what it told
        const harmless = said === undefined || (said.signals.length === 0 && said.about === undefined);
        if (!harmless && (state === 'not_known' || !isRequired(given, lost))) return;
        const left = findings.flatMap((one) => {
          if (one !== lost) return [one];
          return state === 'removed' ? [] : [{ ...one, state, facts: null }];
        });
        if (assessed(given).verdict === 'benign') return;
        tried += 1;
        assert.notEqual(assessed(withFindings(given, left)).verdict, 'benign', `${lost.evidence} ${state}`);
      }),
      { ...RUNS, numRuns: 500 },
    );
    assert.ok(tried > 150, `${tried} cases said something`);
  });

  test('is never benign without an answer that is required', () => {
    let tried = 0;
    fc.assert(
      fc.property(anyCase, fc.nat(40), fc.constantFrom(...LACKING, 'removed' as const), (given, at, state) => {
        const required = given.evidence.findings.filter((finding) => isRequired(given, finding));
        const lost = required[at % required.length];
        if (!lost || (lost.source === 'iocs' && state === 'not_sent')) return;
        if (assessed(given).verdict === 'benign') tried += 1;
        const left = given.evidence.findings.flatMap((one) => {
          if (one !== lost) return [one];
          return state === 'removed' ? [] : [{ ...one, state, facts: null }];
        });
        assert.notEqual(assessed(withFindings(given, left)).verdict, 'benign', `${lost.evidence} ${state}`);
      }),
      { ...RUNS, numRuns: 400 },
    );
    assert.ok(tried > 20, `${tried} of them were benign before`);
  });

  test('is never raised by a guard, nor by a scanner that the site allows', () => {
    fc.assert(
      fc.property(anyCase, fc.nat(20), (given, at) => {
        const { hits, rules } = given;
        const { score } = assessed(given);
        const fewer = hits.filter((_, index) => index !== at % hits.length);
        assert.ok(score <= assessed({ ...given, hits: fewer }).score, 'one list less');
        assert.ok(score <= assessed({ ...given, hits: [] }).score, 'no list');
        const site = { ...rules.site, known_scanners: [] };
        assert.ok(score <= assessed({ ...given, rules: { ...rules, site } }).score, 'no scanner');
      }),
      RUNS,
    );
  });

  test('is made again from what is stored as JSON', () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const stored = JSON.parse(JSON.stringify(given)) as Generated;
        const once = canonicalJson(assessed(given));
        assert.equal(canonicalJson(judged(given).assessment), once);
        assert.equal(canonicalJson(judged(stored).assessment), once);
        assert.equal(canonicalJson(JSON.parse(JSON.stringify(assessed(given)))), once);
        assert.equal(canonicalJson(decided(stored)), canonicalJson(decided(given)));
      }),
      RUNS,
    );
  });

  test('is a whole number from 0 to 100, by a verdict that fits it', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyCase, (given) => {
        const { score, verdict } = assessed(given);
        const { suspicious, malicious } = given.rules.policy.thresholds;
        assert.ok(Number.isInteger(score) && score >= 0 && score <= 100, String(score));
        assert.equal(verdict === 'malicious', score >= malicious);
        assert.equal(verdict === 'suspicious', score >= suspicious && score < malicious);
        seen.add(verdict);
      }),
      RUNS,
    );
    assert.deepEqual([...seen].sort(), ['benign', 'malicious', 'suspicious', 'unknown']);
  });

  test('is never malicious by what a playbook reads in the alerts alone, whatever sources tell beside it', () => {
    let worst = 0;
    fc.assert(
      fc.property(cases('default'), (given) => {
        const mute = given.evidence.findings.map((finding) => {
          const said = saidBy(finding);
          return said ? { ...finding, facts: { ...said, signals: [] } } : finding;
        });
        const alone = withFindings(given, mute);
        const { score, verdict } = assessed({ ...alone, evidence: { ...alone.evidence, earlier: [] } });
        worst = Math.max(worst, score);
        assert.notEqual(verdict, 'malicious');
        assert.ok(score <= given.rules.policy.caps.playbook, `${score} points`);
      }),
      RUNS,
    );
    assert.equal(worst, 60, 'the cap is reached');
  });

  test('closes nothing by itself while something is waited for, or the verdict is unknown', () => {
    let closed = 0;
    fc.assert(
      fc.property(anyCase, fc.nat(40), (given, at) => {
        const { facts, assessment } = judgement(given);
        const { outcome, status, resolution, reason } = decide(
          playbookFor(given.evidence.alertType),
          facts,
          assessment,
        );
        assert.ok(reason.length > 0, 'it has a reason');
        assert.equal(resolution, outcome === 'close' ? 'auto_benign' : null);
        assert.equal(status === 'closed', outcome === 'close');
        if (outcome !== 'close') return;
        closed += 1;
        assert.equal(assessment.verdict, 'benign');
        assert.ok(!assessment.missing.some(({ state }) => state === 'waiting'), 'nothing is waited for');
        const { findings } = given.evidence;
        const waiting = findings.map((one, index) =>
          index === at % findings.length ? { ...one, state: 'waiting' as const, facts: null } : one,
        );
        if (waiting.length > 0) assert.notEqual(decided(withFindings(given, waiting)).outcome, 'close');
      }),
      // few of what is thrown together at random are free of all that keeps one open
      { ...RUNS, numRuns: 3000 },
    );
    assert.ok(closed > 5, `${closed} closed themselves`);
  });
});
