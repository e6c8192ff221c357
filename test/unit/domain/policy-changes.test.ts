import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFAULT_POLICY, type Policy } from '../../../domain/policy';
import { withChanges, type PolicyChanges } from '../../../domain/policy-changes';
import { POLICY } from '../../support/sources';

function changed(changes: PolicyChanges, base: Policy = POLICY): Policy {
  const { policy, problems } = withChanges(base, changes);
  assert.deepEqual(problems, []);
  return policy;
}

function problemsOf(changes: PolicyChanges, ...known: [base?: Policy, knowsSources?: boolean]): string[] {
  const [base = POLICY, knowsSources = true] = known;
  return withChanges(base, changes, knowsSources).problems.map(({ path, detail }) => `${path}: ${detail}`);
}

const anySource = (required: Record<string, string>) => withChanges(POLICY, { required }, false).policy.required;

describe('what a site changes of the policy', () => {
  test('nothing leaves it as it is', () => {
    assert.deepEqual(changed({}), POLICY);
  });

  test('is merged as deep as it goes, and what is not named stays', () => {
    const policy = changed({
      thresholds: { malicious: 80 },
      reliability: { C: 0.5 },
      decay: { network: { delta: 3 } },
      sources: { virustotal: { stale_after_days: 30 } },
    });
    assert.deepEqual(policy, {
      ...POLICY,
      thresholds: { suspicious: 30, malicious: 80 },
      reliability: { ...POLICY.reliability, C: 0.5 },
      decay: { ...POLICY.decay, network: { tau_days: 120, delta: 3 } },
      sources: { ...POLICY.sources, virustotal: { ...(POLICY.sources['virustotal'] as object), stale_after_days: 30 } },
    });
  });

  test('leaves the policy that it changes alone', () => {
    const before = structuredClone(POLICY);
    changed({ caps: { benign: 1 }, required: { virustotal: 'none' } });
    assert.deepEqual(POLICY, before);
  });

  test('a list is given whole', () => {
    assert.deepEqual(changed({ guards: { spare: ['public-dns', 'cloudflare'] } }).guards.spare, [
      'public-dns',
      'cloudflare',
    ]);
    const file = [{ from: 1, points: 50 }];
    const { sources } = changed({ sources: { virustotal: { file } } });
    assert.deepEqual((sources['virustotal'] as { file: unknown }).file, file);
    assert.deepEqual(changed({ context: { sources: [] } }).context, { sources: [], cap: 20 });
  });

  test('makes a source required, for the main observable or for all, or no longer', () => {
    assert.deepEqual(anySource({ abuseipdb: 'main', virustotal: 'all' }), {
      iocs: 'all',
      virustotal: 'all',
      abuseipdb: 'main',
    });
    assert.deepEqual(changed({ required: { virustotal: 'none' } }).required, { iocs: 'all' });
    assert.deepEqual(anySource({ rumours: 'none' }), DEFAULT_POLICY.required);
  });

  const refused: [what: string, changes: PolicyChanges, problem: string][] = [
    ['a key that there is not', { treshold: {} }, 'treshold: is no part of the policy'],
    ['one deeper', { thresholds: { benign: 3 } }, 'thresholds.benign: is no part of the policy'],
    ['one that every object has', { constructor: {} }, 'constructor: is no part of the policy'],
    ['a number instead of a table', { thresholds: 70 }, 'thresholds: is not a table of keys and values'],
    ['a list instead of a table', { caps: [1] }, 'caps: is not a table of keys and values'],
    ['nothing instead of a table', { caps: null }, 'caps: is not a table of keys and values'],
    ['text instead of a number', { caps: { benign: '15' } }, 'caps.benign: is not a number'],
    ['a version of its own', { version: '9' }, 'version: is the code’s to say'],
    [
      'a source that there is not',
      { required: { virustotl: 'all' } },
      'required.virustotl: there is no source of that name, but iocs, virustotal, abuseipdb, geoip',
    ],
    ['more than a confidence can be', { decay: { expired_below: 5000 } }, 'decay.expired_below: is from 0 to 100'],
    ['a negative number', { guards: { contradicted_from: -1 } }, 'guards.contradicted_from: is negative'],
    ['no number at all', { guards: { contradicted_from: Number.NaN } }, 'guards.contradicted_from: is negative'],
    ['text instead of a list', { guards: { spare: 'all' } }, 'guards.spare: is not a list of the same kind'],
    ['a list of something else', { context: { sources: [1] } }, 'context.sources: is not a list of the same kind'],
    [
      'a scope that there is not',
      { required: { virustotal: 'maybe' } },
      'required.virustotal: is one of all, main, none',
    ],
    ['a scope that is no text', { required: { abuseipdb: true } }, 'required.abuseipdb: is one of all, main, none'],
    ['required as a word', { required: 'none' }, 'required: is not a table of keys and values'],
    [
      'thresholds in the wrong order',
      { thresholds: { suspicious: 80 } },
      'thresholds: must be 0 < suspicious < malicious <= 100',
    ],
    [
      'thresholds that are one',
      { thresholds: { suspicious: 70 } },
      'thresholds: must be 0 < suspicious < malicious <= 100',
    ],
    [
      'a threshold of nothing',
      { thresholds: { suspicious: 0 } },
      'thresholds: must be 0 < suspicious < malicious <= 100',
    ],
    [
      'a threshold beyond all',
      { thresholds: { malicious: 101 } },
      'thresholds: must be 0 < suspicious < malicious <= 100',
    ],
    ['more than certain', { reliability: { B: 1.1 } }, 'reliability.B: is a weight from 0 to 1'],
    ['a cap beyond all', { caps: { shared: 101 } }, 'caps.shared: is from 0 to 100'],
    ['a cap of context beyond all', { context: { cap: 200 } }, 'context.cap: is from 0 to 100'],
    [
      'a decay in no time',
      { decay: { network: { tau_days: 0 } } },
      'decay.network: tau_days and delta must be more than 0',
    ],
    [
      'a decay without a shape',
      { decay: { phishing_url: { delta: 0 } } },
      'decay.phishing_url: tau_days and delta must be more than 0',
    ],
  ];
  for (const [what, changes, problem] of refused) {
    test(`${what} is refused with its path`, () => assert.deepEqual(problemsOf(changes), [problem]));
  }

  test('all that is wrong is told at once, and what it would change stays', () => {
    const changes = {
      thresholds: { malicious: 'high', suspicious: 20 },
      caps: { benign: 400, playbok: 1 },
      nonsense: 1,
    };
    const { policy, problems } = withChanges(POLICY, changes);
    assert.deepEqual(
      problems.map(({ path }) => path),
      ['thresholds.malicious', 'caps.playbok', 'nonsense', 'caps.benign'],
    );
    assert.deepEqual(policy.thresholds, { suspicious: 20, malicious: 70 });
  });
});

describe("the sources' own numbers", () => {
  const wrong: [what: string, sources: unknown, path: string][] = [
    ['an unknown source', { virustotla: {} }, 'sources.virustotla'],
    ['an unknown number', { virustotal: { stale_days: 3 } }, 'sources.virustotal.stale_days'],
    ['text as a number', { virustotal: { stale_after_days: 'never' } }, 'sources.virustotal.stale_after_days'],
    ['bands that are no list', { abuseipdb: { bands: { from: 25, points: 10 } } }, 'sources.abuseipdb.bands'],
    ['a band without points', { abuseipdb: { bands: [{ from: 25 }] } }, 'sources.abuseipdb.bands'],
    ['a band with more than that', { abuseipdb: { bands: [{ from: 1, points: 2, x: 3 }] } }, 'sources.abuseipdb.bands'],
    ['a band of text', { abuseipdb: { bands: [{ from: '1', points: 2 }] } }, 'sources.abuseipdb.bands'],
  ];
  for (const [what, sources, path] of wrong) {
    test(`${what} is refused where the sources are known, and taken as it is where they are not`, () => {
      assert.deepEqual(
        withChanges(POLICY, { sources }).problems.map((problem) => problem.path),
        [path],
      );
      const unchecked = withChanges(DEFAULT_POLICY, { sources }, false);
      assert.deepEqual(unchecked.problems, []);
      assert.deepEqual(unchecked.policy.sources, sources);
    });
  }

  test('what is no table of sources is refused in any case', () => {
    assert.deepEqual(problemsOf({ sources: [] }, DEFAULT_POLICY, false), [
      'sources: is not a table of keys and values',
    ]);
  });

  test('a reliability that there is not is refused in any case: such a source would not be heard', () => {
    const changes = { sources: { virustotal: { reliability: 'a' } } };
    const problem = 'sources.virustotal.reliability: is one of A, B, C, D, E, F';
    assert.deepEqual(problemsOf(changes), [problem]);
    assert.deepEqual(problemsOf(changes, DEFAULT_POLICY, false), [problem]);
    assert.deepEqual(problemsOf({ sources: { virustotal: { reliability: 'C' } } }), []);
  });

  test('all else is checked where the sources are not known, too', () => {
    assert.deepEqual(problemsOf({ caps: { benign: 400 }, nonsense: 1 }, DEFAULT_POLICY, false), [
      'nonsense: is no part of the policy',
      'caps.benign: is from 0 to 100',
    ]);
  });
});
