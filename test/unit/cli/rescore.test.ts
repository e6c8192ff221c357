import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { RescoreAnswer } from '../../../cli/client';
import { rescoreCommand, type RescoreOptions } from '../../../cli/commands/rescore';
import { exitCodeOf, failureLines } from '../../../cli/problems';
import { runProgram } from '../../../cli/program';
import { isSettled } from '../../../cli/follow';
import { json, serve, type Handler } from './api-double';
import { auditRow, incident } from './incident-fixture';
import { sessionWith } from './session-double';

const ID = 'RSC-0123456789';

function change(changes: Partial<RescoreAnswer['changes'][number]> = {}): RescoreAnswer['changes'][number] {
  return {
    incident_id: 'INC-0123456789',
    alert_type: 'suspicious_ip',
    old: { verdict: 'malicious', score: 82, decision: 'escalate', complete: true },
    new: { verdict: 'suspicious', score: 61, decision: 'open', complete: true },
    why: 'VirusTotal on ip:192.0.2.1 counts 45 (was 65); malicious from 80 (was 70).',
    effect: 'open',
    applied_at: null,
    skipped: null,
    ...changes,
  };
}

function job(state: RescoreAnswer['state'], changes: Partial<RescoreAnswer> = {}): RescoreAnswer {
  return {
    id: ID,
    state,
    requested_by: 'ann',
    applied_by: null,
    filter: {},
    reopen: false,
    policy: null,
    site: null,
    counts: { compared: 1204, failed: 0, changed: 1, applied: 0, skipped: 0 },
    failures: [],
    created_at: '2026-11-28T12:00:00.000000Z',
    compared_at: null,
    expires_at: '2026-12-05T12:00:00.000000Z',
    finished_at: null,
    links: { self: 'http://soar.test/x', apply: 'http://soar.test/x/apply' },
    changes: [change()],
    next_cursor: null,
    ...changes,
  };
}

/** Plays the API: what it answers to each look, the last answer for ever. */
function api(...states: RescoreAnswer[]): Handler {
  let next = 0;
  return ({ method }, response) => {
    const { changes: _changes, next_cursor: _next, ...accepted } = states[0]!;
    if (method === 'POST') json(response, 202, accepted);
    else json(response, 200, states[Math.min(next++, states.length - 1)]);
  };
}

interface Called extends Partial<RescoreOptions> {
  id?: string;
  machine?: boolean;
  [filter: string]: unknown;
}

async function rescore(context: TestContext, handler: Handler, { id, machine = false, ...options }: Called = {}) {
  const { url, seen } = await serve(context, handler);
  const double = sessionWith(url, { json: machine });
  const exit = await rescoreCommand(double.session, id, { timeout: 60, ...options });
  const posts = seen.filter(({ method }) => method === 'POST').map(({ url: path, body }) => [path, body]);
  return { ...double, text: double.lines.join('\n'), posts, exit };
}

test('compares, shows what would change and why, and says how to apply exactly that', async (context) => {
  const { text, posts, exit } = await rescore(context, api(job('comparing'), job('compared')), {
    alertType: 'suspicious_ip,malware',
    from: '2026-11-01T00:00:00Z',
  });
  assert.equal(exit, 0);
  assert.deepEqual(posts, [
    ['/api/v1/rescores', JSON.stringify({ alert_type: 'suspicious_ip,malware', from: '2026-11-01T00:00:00Z' })],
  ]);
  assert.match(text, /^INC-0123456789 +suspicious_ip +malicious → suspicious +82 → 61 +escalate → open$/m);
  assert.match(
    text,
    /^ {4}It is open, not escalated\. VirusTotal on ip:192\.0\.2\.1 counts 45 \(was 65\); malicious from 80/m,
  );
  assert.match(text, /^RSC-0123456789 {2}compared: 1,204 incidents compared, 1 comes out differently$/m);
  assert.match(text, /soar rescore --apply RSC-0123456789$/m);
});

test('says so when nothing would change', async (context) => {
  const nothing = job('compared', {
    changes: [],
    counts: { compared: 7, failed: 0, changed: 0, applied: 0, skipped: 0 },
  });
  const { text, exit } = await rescore(context, api(nothing));
  assert.deepEqual([text, exit], [`${ID}  compared: 7 incidents compared, none comes out differently`, 0]);
});

test('applies the one that is named, by either way of naming it', async (context) => {
  for (const named of [{ apply: ID.toLowerCase() }, { id: ID, apply: true as const }]) {
    const done = job('applied', { counts: { compared: 1204, failed: 0, changed: 1, applied: 1, skipped: 0 } });
    const states = [job('compared'), job('applying'), done];
    const { posts, text, exit } = await rescore(context, api(...states), { ...named, reopen: true });
    assert.deepEqual(posts, [[`/api/v1/rescores/${ID}/apply`, '{"reopen":true}']]);
    assert.match(text, /^1 applied, 0 left as they were\.$/m);
    assert.equal(exit, 0);
  }
});

test('compares and applies in one go with --yes', async (context) => {
  const { posts } = await rescore(context, api(job('compared'), job('applied')), { apply: true, yes: true });
  assert.deepEqual(
    posts.map(([path]) => path),
    ['/api/v1/rescores', `/api/v1/rescores/${ID}/apply`],
  );
});

test('looks again at one that was begun before, without asking for anything', async (context) => {
  const { posts, text } = await rescore(context, api(job('compared')), { id: ID.toLowerCase() });
  assert.deepEqual(posts, []);
  assert.match(text, /malicious → suspicious/);
});

test('exits with 1 when some were left as they were, and says why', async (context) => {
  const left = job('applied', {
    counts: { compared: 3, failed: 0, changed: 1, applied: 0, skipped: 1 },
    changes: [change({ skipped: 'a round of it is under way' })],
  });
  const { text, exit } = await rescore(context, api(left), { apply: ID });
  assert.equal(exit, 1);
  assert.match(text, /^ {4}Left as it was: a round of it is under way\.$/m);
});

test('exits with 1 when some could not be compared, and says which and why', async (context) => {
  const some = job('compared', {
    counts: { compared: 3, failed: 2, changed: 0, applied: 0, skipped: 0 },
    failures: [{ incident_id: 'INC-1123456789', reason: 'its scoring row is unusable' }],
    changes: [],
  });
  const { text, exit } = await rescore(context, api(some));
  assert.equal(exit, 1);
  assert.match(text, /compared: 3 incidents compared, none comes out differently\n2 incidents could not be compared:/);
  assert.match(text, /^ {4}INC-1123456789: its scoring row is unusable\n {4}and 1 more/m);
});

test('--json is the job with all pages of its changes', async (context) => {
  const [first, second] = [change(), change({ incident_id: 'INC-1123456789' })];
  const handler: Handler = ({ method, url }, response) => {
    if (method === 'POST') return json(response, 202, job('compared'));
    const isSecond = url.includes('cursor=INC-0123456789');
    const page = isSecond ? { changes: [second] } : { changes: [first], next_cursor: 'INC-0123456789' };
    json(response, 200, job('compared', page));
  };
  const { data, lines } = await rescore(context, handler, { machine: true });
  assert.deepEqual(lines, []);
  const [whole] = data as [RescoreAnswer];
  assert.deepEqual(whole.changes, [first, second]);
  assert.equal('next_cursor' in whole, false);
});

test('refuses what makes no sense before anything is sent', async (context) => {
  const senseless: Called[] = [
    { apply: true },
    { apply: ID, verdict: 'malicious' },
    { id: ID, status: 'open' },
    { id: ID, apply: 'RSC-1111111111' },
    { id: ID, reopen: true },
  ];
  for (const options of senseless) {
    const error: unknown = await rescore(context, api(job('compared')), options).catch((caught: unknown) => caught);
    assert.equal(exitCodeOf(error), 2, JSON.stringify(options));
  }
});

test('hands on a refusal of the API', async (context) => {
  const detail = `${ID} has expired: compare again.`;
  const handler: Handler = ({ method }, response) =>
    method === 'POST' ? json(response, 409, { title: 'no', detail }) : json(response, 200, job('expired'));
  const error: unknown = await rescore(context, handler, { apply: ID }).catch((caught: unknown) => caught);
  assert.match(failureLines(error).join('\n'), /has expired: compare again/);
  assert.equal(exitCodeOf(error), 1);
});

test('says that the job goes on when it takes too long', async (context) => {
  const error: unknown = await rescore(context, api(job('comparing')), { timeout: 0.01 }).catch(
    (caught: unknown) => caught,
  );
  assert.match(failureLines(error).join('\n'), /RSC-0123456789 is not done after .*\n.*soar rescore RSC-0123456789/);
});

test('a re-scoring that somebody else applies does not hold up who follows an incident', () => {
  const report = auditRow(3, { action: 'report', action_key: `rescore/${ID}/report` });
  const audit = [auditRow(1, { action: 'conclude' }), auditRow(2, { action: 'rescore' }), report];
  assert.equal(isSettled(incident({ audit })), true);
});

test('is read from the command line: --apply takes an id or none', async (context) => {
  const { url, seen } = await serve(context, api(job('compared'), job('applied')));
  const { session } = sessionWith(url);
  assert.equal(await runProgram(['rescore', '--apply', ID], () => session), 0);
  assert.equal(await runProgram(['rescore', '--alert-type', 'malware', '--apply', '--yes'], () => session), 0);
  assert.deepEqual(
    seen.filter(({ method }) => method === 'POST').map(({ url: path, body }) => [path, body]),
    [
      [`/api/v1/rescores/${ID}/apply`, '{}'],
      ['/api/v1/rescores', '{"alert_type":"malware"}'],
      [`/api/v1/rescores/${ID}/apply`, '{}'],
    ],
  );
});
