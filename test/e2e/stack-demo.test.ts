import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { PROJECT_ROOT } from '../../config/home';
import { recordedProcesses, runStack } from '../support/stack-process';

/** One incident that waited for a source, and one whose lookup failed and was repeated by hand. */
const UPGRADED =
  /^✓ INC-\w{10} .*\(429\).*\n +unknown \(provisional, score \d+\) {2}→ {2}malicious \(final, score \d+\), escalated$/m;
const RETRIED =
  /^✓ INC-\w{10} .*retried by hand\n +unknown \(final, score \d+\) {2}→ {2}benign \(final, score \d+\), closed$/m;

const OVERRIDDEN =
  /^✓ INC-\w{10} .*overrides the verdict.*\n +unknown by the machine {2}→ {2}benign \(overridden\), acknowledged: /m;
const SUPPRESSED = /^✓ INC-\w{10} .*\(SUP-\w{10}: .*\n +nothing looked up {2}→ {2}closed as benign_true_positive$/m;
const OVERDUE = /^✓ INC-\w{10} .*in time.*\n +to be acknowledged by [\d:]+ UTC {2}→ {2}overdue, escalated to tier 2$/m;
const ACTS = [UPGRADED, RETRIED, OVERRIDDEN, SUPPRESSED, OVERDUE];

describe('npm run demo -- --exit', { concurrency: false }, () => {
  const home = mkdtempSync(join(tmpdir(), 'soar-demo-'));
  const samples = Object.keys(
    JSON.parse(readFileSync(join(PROJECT_ROOT, 'samples', 'alerts', 'expected.json'), 'utf8')) as object,
  ).length;
  after(() => rmSync(home, { recursive: true, force: true }));

  it('gives every sample its expected verdict', async () => {
    const demo = runStack(['demo', '--exit'], home);
    assert.equal(await demo.exited, 0, demo.output());
    assert.match(demo.output(), new RegExp(`${samples} of ${samples} samples have the expected verdict`));
    assert.match(
      demo.output(),
      /^… INC-\w{10} {2}waits for virustotal until \d\d:\d\d:\d\d UTC; so far it is unknown \(provisional\)$/m,
    );
    for (const act of ACTS) assert.match(demo.output(), act);
    assert.deepEqual(recordedProcesses(join(home, 'demo')), {});
  });

  it('does so a second time, and knows the samples again', async () => {
    const demo = runStack(['demo', '--exit'], home);
    assert.equal(await demo.exited, 0, demo.output());
    assert.match(demo.output(), new RegExp(`${samples} were known from an earlier run`));
    for (const act of ACTS) assert.match(demo.output(), act);
  });
});
