import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { StatsAnswer } from '../../../cli/client';
import { statsCommand } from '../../../cli/commands/stats';
import { spanOf } from '../../../cli/text';
import { json, serve } from './api-double';
import { sessionWith } from './session-double';

const NONE = { seconds: null, incidents: 0 };

const ANSWER: StatsAnswer = {
  window: { from: '2026-10-24T12:00:00.000000Z', to: '2026-11-23T12:00:00.000000Z' },
  formulas: { mttd: 'mean of one', mtta: 'mean of two', mttr: 'mean of three', breach_rate: 'breached / due' },
  counts: {
    total: 1234,
    by_status: { new: 1, investigating: 0, open: 2, escalated: 3, acknowledged: 0, on_hold: 0, closed: 1228 },
    by_verdict: { benign: 1200, suspicious: 0, malicious: 34, unknown: 0 },
    by_severity: { low: 0, medium: 0, high: 1234, critical: 0 },
    by_resolution: { auto_benign: 0, true_positive: 0, benign_true_positive: 0, false_positive: 0, duplicate: 0 },
    suppressed: 7,
    merged: 2,
  },
  queue: { pending: 1, open: 6, waiting_lookups: 1 },
  mttd: { seconds: 90, incidents: 1225 },
  mtta: { seconds: 7530.2, incidents: 30 },
  mttr: { ...{ seconds: 259_200, incidents: 1219 }, by_hand: { seconds: 1.25, incidents: 1219 }, by_itself: NONE },
  sla: { due: 40, breached: 5, breach_rate: 0.125, breached_acknowledge: 4, breached_close: 2 },
};

async function shown(context: TestContext, answer: StatsAnswer, options: Record<string, string> = {}, machine = false) {
  const { url, seen } = await serve(context, (_request, response) => json(response, 200, answer));
  const { session, lines, data } = sessionWith(url, { json: machine });
  assert.equal(await statsCommand(session, options), 0);
  return { lines, text: lines.join('\n'), data, url: seen[0]?.url };
}

test('times, breaches and counts come with their window and formulas, in 80 columns', async (context) => {
  const { lines, text } = await shown(context, ANSWER);
  assert.equal(lines[0], '1,234 incidents of 2026-10-24 12:00:00 to 2026-11-23 12:00:00 UTC');
  assert.match(text, /^ {2}status +new 1, open 2, escalated 3, closed 1,228$/m);
  assert.match(text, /^ {2}resolution +–$/m);
  assert.match(text, /^ {2}of them +7 suppressed, 2 merged into others$/m);
  assert.match(text, /^ {2}breaches +5 of 40 that have clocks \(12\.5%\): 4 to acknowledge, 2 to close$/m);
  assert.match(text, /^detect \(MTTD\) +1m 30s +1,225$/m);
  assert.match(text, /^acknowledge \(MTTA\) +2h 5m +30$/m);
  assert.match(text, /^resolve \(MTTR\) +3d 0h +1,219$/m);
  assert.match(text, /^ {2}by hand +1\.3s +1,219$/m);
  assert.match(text, /^ {2}by itself +– +0$/m);
  assert.match(text, /^ {2}mttd +mean of one$/m);
  assert.match(text, /^ {2}breach rate +breached \/ due$/m);
  assert.equal(lines.at(-1), 'Now: 6 open, 1 of them not started; 1 lookup waiting.');
  assert.ok(lines.every((line) => [...line].length <= 80));
});

test('of nothing due there is no rate', async (context) => {
  const sla = { due: 0, breached: 0, breach_rate: null, breached_acknowledge: 0, breached_close: 0 };
  assert.match((await shown(context, { ...ANSWER, sla })).text, /^ {2}breaches +–$/m);
});

test('flags narrow what is asked for; with --json the answer is handed on', async (context) => {
  const options = { from: '2026-11-01T00:00:00Z', alertType: 'phishing', status: 'open' };
  const { url, data, lines } = await shown(context, ANSWER, options, true);
  assert.equal(url, '/api/v1/stats?from=2026-11-01T00%3A00%3A00Z&alert_type=phishing');
  assert.deepEqual([data, lines], [[ANSWER], []]);
});

test('a span of time is said in its two largest units', () => {
  const spans = [0, 0.04, 59.4, 59.7, 60, 3599, 3600, 86_399, 86_400, 2_600_000].map(spanOf);
  assert.deepEqual(spans, ['0s', '0s', '59.4s', '1m 0s', '1m 0s', '59m 59s', '1h 0m', '23h 59m', '1d 0h', '30d 2h']);
});
