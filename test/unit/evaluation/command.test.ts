import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { evalCommand, type EvalOptions } from '../../../cli/commands/eval';
import { UsageError } from '../../../cli/errors';
import type { Evaluation } from '../../../evaluation/result';
import { sessionWith } from '../cli/session-double';
import { ADDRESS, caseDocument, onAddress } from './fixture';

/** Nobody listens there, and nobody is to. */
const NOWHERE = 'http://127.0.0.1:9';

const MISS = caseDocument({
  id: 'missed',
  title: 'Accused\u001b[2J but harmless',
  virustotal: { [`ip:${ADDRESS}`]: onAddress(30) },
});
const ACCUSED = {
  iocs: [{ type: 'ip', value: ADDRESS, source: 'feed', confidence: 95, last_seen: '2026-11-18T09:00:00Z' }],
};

function folderWith(t: TestContext, documents: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'eval-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'cases.json'), JSON.stringify(documents));
  return folder;
}

async function run(options: EvalOptions, json = false) {
  const double = sessionWith(NOWHERE, { json });
  const code = await evalCommand(double.session, options);
  return { code, text: double.lines.join('\n'), data: double.data[0] as Evaluation };
}

describe('soar eval', () => {
  it('ends with 0 when the targets are met, with 1 when one is missed', async (t) => {
    const good = folderWith(t, caseDocument());
    const bad = folderWith(t, [caseDocument(), { ...MISS, ...ACCUSED }]);
    assert.equal((await run({ cases: [good] })).code, 0);
    const { code, text } = await run({ cases: [bad] });
    assert.equal(code, 1);
    assert.match(text, /✗ no harmless case is called malicious: 1 of 2, 50 %/);
    assert.match(text, /missed {2}Accused·\[2J but harmless/);
    assert.match(text, /expected benign, got malicious \(score \d+, escalate\); in truth benign/);
    assert.match(text, /why expected {2}Nothing accuses the source\./);
  });

  it('is called wrongly with cases or policies that cannot be read', async (t) => {
    const broken = folderWith(t, caseDocument({ truth: 'maybe' }));
    for (const options of [{ cases: [broken] }, { cases: ['nowhere'] }, { policy: 'nowhere.yaml' }]) {
      await assert.rejects(run(options), (error: unknown) => {
        assert.ok(error instanceof UsageError);
        assert.equal(error.exitCode, 2);
        assert.match(error.hint ?? '', /made-up: truth|nowhere/);
        return true;
      });
    }
  });

  it('shows the misses only, when they are wanted', async (t) => {
    const cases = [folderWith(t, [caseDocument(), { ...MISS, ...ACCUSED }])];
    const { text } = await run({ cases, failing: true });
    assert.doesNotMatch(text, /precision|✗ /);
    assert.match(text, /missed/);
    const { data } = await run({ cases, failing: true }, true);
    assert.deepEqual(
      data.cases.map(({ id }) => id),
      ['missed'],
    );
    assert.equal(data.overall.cases, 2);
  });

  it('writes the page', async (t) => {
    const folder = folderWith(t, caseDocument());
    const html = join(folder, 'page.html');
    await run({ cases: [join(folder, 'cases.json')], html });
    assert.ok(existsSync(html));
    assert.match(readFileSync(html, 'utf8'), /^<!doctype html>/);
    await assert.rejects(
      run({ cases: [join(folder, 'cases.json')], html: join(folder, 'no', 'page.html') }),
      /cannot be written/,
    );
  });

  it('shows what another policy changes, and why', async (t) => {
    const folder = folderWith(t, [caseDocument(), MISS]);
    const policy = join(folder, 'policy.yaml');
    writeFileSync(policy, 'thresholds: { suspicious: 30, malicious: 60 }');
    const { text } = await run({ cases: [join(folder, 'cases.json')], policy, against: 'default' });
    assert.match(text, /Against default, version \S+ \(\w+\): 1 case changed/);
    assert.match(text, /suspicious \d+ \(open\) → malicious \d+ \(escalate\); expected benign/);
    assert.match(text, /\+ +score \d+ reaches 60, from which it is malicious/);
  });
});
