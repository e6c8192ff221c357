import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { PROJECT_ROOT } from '../../../config/home';
import { compare } from '../../../evaluation/compare';
import { EvaluationError } from '../../../evaluation/errors';
import { readPolicy } from '../../../evaluation/policies';
import { runEvaluation } from '../../../evaluation/run';
import { ADDRESS, caseDocument, onAddress, outcome } from './fixture';

function file(t: TestContext, name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'policy-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe('two policies compared', () => {
  it('name the cases that change, and the lines that make the difference', () => {
    const line = (text: string) => ({ rule: 'x', text, numbers: {} });
    const same = outcome({ id: 'same' });
    const before = outcome({ score: 20, got: 'unknown', outcome: 'open', ledger: [line('kept'), line('cap 15')] });
    const after = outcome({ score: 5, ledger: [line('kept'), line('cap 5')] });
    const [change, ...more] = compare([same, before], [after, same]);
    assert.equal(more.length, 0);
    assert.deepEqual([change?.id, change?.what, change?.turn], ['made-up', ['verdict', 'score', 'decision'], 'better']);
    assert.deepEqual([change?.gone, change?.come], [['cap 15'], ['cap 5']]);
    assert.equal(compare([after], [before])[0]?.turn, 'worse');
  });

  it('are measured over the same cases', async (t) => {
    const cases = file(
      t,
      'case.json',
      JSON.stringify(caseDocument({ virustotal: { [`ip:${ADDRESS}`]: onAddress(12) } })),
    );
    const policy = file(t, 'policy.yaml', 'thresholds: { suspicious: 30, malicious: 60 }');
    const { against, cases: got } = await runEvaluation({ cases: [cases], policy, against: 'default' });
    assert.deepEqual([got[0]?.got, against?.changed[0]?.before.got], ['malicious', 'suspicious']);
    assert.ok(
      against?.changed[0]?.come.some((text) => text.includes('reaches 60')),
      'says which threshold',
    );
    assert.equal(against?.policy.name, 'default');
  });
});

describe('a policy to measure', () => {
  it('is the policy part of a site file, or changes alone', (t) => {
    const part = 'caps: { benign: 7 }';
    const site = file(t, 'site.yaml', `own_ranges: [10.0.0.0/8]\npolicy:\n  ${part}\n`);
    for (const path of [site, file(t, 'bare.yaml', part)]) assert.equal(readPolicy(path).policy.caps.benign, 7, path);
  });

  it('is the default one when a site file changes nothing of it', (t) => {
    const { policy } = readPolicy('default');
    assert.deepEqual(readPolicy(join(PROJECT_ROOT, 'evaluation', 'site.yaml')).policy, policy);
    assert.deepEqual(readPolicy(file(t, 'site.yaml', 'own_domains: [corp.example]')).policy, policy);
    assert.deepEqual(readPolicy(file(t, 'empty.yaml', '')).policy, policy);
  });

  it('is either a site file or changes, not both', (t) => {
    const mixed = file(t, 'mixed.yaml', 'own_ranges: [10.0.0.0/8]\ncaps: { benign: 7 }');
    assert.throws(() => readPolicy(mixed), /mixed\.yaml.*caps/);
  });

  it('names what cannot be so', (t) => {
    const wrong = file(t, 'wrong.yaml', 'thresholds: { malicous: 60 }\ncaps: { benign: -1 }');
    assert.throws(
      () => readPolicy(wrong),
      (error: unknown) => {
        assert.ok(error instanceof EvaluationError);
        assert.match(error.problems.join('\n'), /wrong\.yaml: policy\.thresholds\.malicous/);
        assert.match(error.problems.join('\n'), /policy\.caps\.benign/);
        return true;
      },
    );
    assert.throws(() => readPolicy(file(t, 'list.yaml', '- 1')), /is not a table/);
    assert.throws(() => readPolicy('no-such-file.yaml'), EvaluationError);
  });
});
