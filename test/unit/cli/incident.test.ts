import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Incident } from '../../../cli/client';
import { EXIT } from '../../../cli/errors';
import { runProgram } from '../../../cli/program';
import { json, serve } from './api-double';
import { auditRow, incident } from './incident-fixture';
import { sessionWith } from './session-double';

const RULES = {
  policy_version: '3',
  policy: `${'a'.repeat(12)}${'0'.repeat(52)}`,
  site: `${'b'.repeat(12)}${'0'.repeat(52)}`,
};
const LONG = `virustotal on url:https://lure.example/${'x'.repeat(120)}: engines_malicious, 65 points × 1 (reliability A) = 65`;
const LEDGER: Incident['ledger'] = [
  { rule: 'contribution', text: LONG, numbers: { weighted: 65 } },
  { rule: 'noisy_or', text: '1 contribution(s) combine to 65\u001b[2J of 100', numbers: { score: 65 } },
  { rule: 'threshold:malicious', text: 'score 65 stays below 70, from which it is malicious', numbers: { score: 65 } },
];

async function shown(t: TestContext, changes: Partial<Incident>, ...args: string[]): Promise<string[]> {
  return shownWithin(100, t, changes, ...args);
}

async function shownWithin(
  width: number,
  t: TestContext,
  changes: Partial<Incident>,
  ...args: string[]
): Promise<string[]> {
  const { url } = await serve(t, (_request, response) => json(response, 200, incident(changes)));
  const { session, lines } = sessionWith(url, { width });
  assert.equal(await runProgram(['incident', 'INC-0123456789', ...args], () => session), EXIT.ok);
  return lines;
}

describe('soar incident', () => {
  it('names the rules: the version of the policy, and short hashes of policy and site knowledge', async (t) => {
    const lines = await shown(t, { rules: RULES, ledger: LEDGER });
    const why = lines.slice(lines.indexOf('Why'));
    const line = `  by policy version 3 (${'a'.repeat(12)}), site knowledge ${'b'.repeat(12)}`;
    assert.ok(why.slice(0, why.indexOf('')).includes(line), lines.join('\n'));
    const older = await shown(t, { rules: { ...RULES, policy_version: null } });
    assert.ok(older.includes(`  by policy (${'a'.repeat(12)}), site knowledge ${'b'.repeat(12)}`), older.join('\n'));
    const none = await shown(t, { rules: null });
    assert.ok(!none.some((one) => one.includes('by policy')));
  });

  it('has every comparison on a line of its own, uncut, when asked why', async (t) => {
    const lines = await shown(t, { rules: RULES, ledger: LEDGER }, '--why');
    const start = lines.indexOf('In numbers');
    assert.deepEqual(lines.slice(start + 1, start + 4), [
      `  contribution         ${LONG}`,
      '  noisy_or             1 contribution(s) combine to 65·[2J of 100',
      '  threshold:malicious  score 65 stays below 70, from which it is malicious',
    ]);
    assert.equal(lines[start + 4] ?? '', '');
  });

  it('says so when there is none yet', async (t) => {
    const lines = await shown(t, {}, '--why');
    assert.equal(lines[lines.indexOf('In numbers') + 1], '  Nothing was reckoned yet.');
  });

  it('does not show them unasked', async (t) => {
    const lines = await shown(t, { rules: RULES, ledger: LEDGER });
    assert.ok(!lines.some((line) => line === 'In numbers' || line.includes('threshold:malicious')));
  });

  it('shows who has it in hand before why, and the texts of the notes when asked for', async (t) => {
    const notes_history = [{ at: '2026-11-21T02:50:00.000000Z', by: 'kim', text: 'a first guess' }];
    const changes = { status_by: 'kim', notes_history };
    const lines = await shown(t, changes);
    assert.equal(lines[lines.indexOf('Casework') + 1], '  in hand      escalated, by kim');
    assert.ok(lines.indexOf('Casework') < lines.indexOf('Why'));
    assert.ok(!lines.includes('  a first guess'));
    const whole = await shown(t, changes, '--notes');
    assert.ok(whole.includes('  a first guess'), whole.join('\n'));
  });

  it('has what was done in the audit whole, and each lookup on one line, within 80 columns', async (t) => {
    const summary = 'Overdue: it was to be acknowledged by 2026-11-21 02:56:08 UTC; goes to tier 2';
    const audit = [
      auditRow(1, { action: 'lookup', provider: 'virustotal', observable: 'ip:192.0.2.1', summary: 'x'.repeat(90) }),
      auditRow(2, { action: 'sla_breach', duration_ms: 0, summary, failures: 1 }),
    ];
    const lines = await shownWithin(80, t, { audit });
    const trail = lines.slice(lines.indexOf('Audit trail') + 1);
    assert.deepEqual(trail.slice(0, 4), [
      `   1  2026-11-21 02:41:08  ok       virustotal ip:192.0.2.1 (12 ms): ${'x'.repeat(10)}…`,
      '   2  2026-11-21 02:41:08  ok       sla_breach: after 1 failed attempt: Overdue:',
      '                                    it was to be acknowledged by 2026-11-21',
      '                                    02:56:08 UTC; goes to tier 2',
    ]);
  });
});
