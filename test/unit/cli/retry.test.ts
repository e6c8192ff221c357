import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Incident } from '../../../cli/client';
import { retryCommand } from '../../../cli/commands/retry';
import { isReassessed } from '../../../cli/follow';
import { exitCodeOf, failureLines } from '../../../cli/problems';
import { json, serve, type Handler } from './api-double';
import { auditRow, incident } from './incident-fixture';
import { sessionWith } from './session-double';

const LOOKUP = { source: 'virustotal', observable: 'ip:192.0.2.1' } as const;
const ANSWER = { incident_id: 'INC-0123456789', retried: [{ ...LOOKUP, state: 'failed' }], links: {} };

/** Plays the API: takes every retry, and shows the incident's states one after the other, the last one for ever. */
function api(...states: Incident[]): Handler {
  let next = 0;
  return ({ method }, response) => {
    if (method === 'POST') json(response, 202, ANSWER);
    else json(response, 200, states[Math.min(next++, states.length - 1)]);
  };
}

async function retry(context: TestContext, handler: Handler, options: object = {}, machine = false) {
  const { url, seen } = await serve(context, handler);
  const double = sessionWith(url, { json: machine });
  const exit = await retryCommand(double.session, 'inc-0123456789', { timeout: 60, ...options });
  return { ...double, text: double.lines.join('\n'), seen, exit };
}

test('says what is asked again, under a name of its own', async (context) => {
  const { text, seen, exit } = await retry(context, api());
  assert.equal(exit, 0);
  assert.match(text, /^INC-0123456789 one lookup is asked again:\n {2}virustotal +ip:192\.0\.2\.1 +had failed$/);
  const [request] = seen;
  assert.deepEqual([request?.method, request?.url], ['POST', '/api/v1/incidents/INC-0123456789/retry']);
  assert.deepEqual(JSON.parse(request?.body ?? ''), {});
  assert.match(String(request?.headers['idempotency-key']), /^[0-9a-f-]{36}$/);
});

test('asks for what --only names, under the given key; --json is the answer', async (context) => {
  const only = ['virustotal/ip:192.0.2.1', 'geoip/ip:192.0.2.1'];
  const { data, lines, seen } = await retry(context, api(), { only, idempotencyKey: 'case-7' }, true);
  assert.deepEqual(JSON.parse(seen[0]?.body ?? ''), { enrichments: only });
  assert.equal(seen[0]?.headers['idempotency-key'], 'case-7');
  assert.deepEqual([data, lines], [[ANSWER], []]);
});

test('a 503 is asked again under the same key', async (context) => {
  let answers = 0;
  const { seen } = await retry(context, (_request, response) =>
    answers++ === 0 ? json(response, 503, { title: 'away' }, { 'retry-after': '0' }) : json(response, 202, ANSWER),
  );
  assert.equal(seen.length, 2);
  assert.equal(seen[0]?.headers['idempotency-key'], seen[1]?.headers['idempotency-key']);
});

test('nothing to retry is a refusal like any other', async (context) => {
  const detail = 'Nothing of INC-0123456789 has failed or is waiting.';
  const refused = retry(context, (_request, response) => json(response, 409, { title: 'There is nothing', detail }));
  const error: unknown = await refused.catch((caught: unknown) => caught);
  assert.match(failureLines(error).join('\n'), /Nothing of INC-0123456789 has failed or is waiting/);
  assert.equal(exitCodeOf(error), 1);
});

test('a key that no header holds is refused before anything is sent', async (context) => {
  for (const idempotencyKey of ['', 'a b', 'a\nb', 'caf\u00e9', 'x'.repeat(256)]) {
    await assert.rejects(retry(context, api(), { idempotencyKey }), { name: 'UsageError' });
  }
});

const before = [auditRow(1, { action: 'score' }), auditRow(2, { action: 'conclude' })];
const asked = [...before, auditRow(3, { action: 'retry' })];
const answered = [
  ...asked,
  auditRow(4, { action: 'lookup', provider: LOOKUP.source, observable: LOOKUP.observable, summary: '12 engines' }),
];
const scored = [...answered, auditRow(5, { action: 'score' }), auditRow(6, { action: 'conclude' })];
const enrichment = (state: string) => [{ ...LOOKUP, state }] as unknown as Incident['enrichments'];

test('--wait tells the steps since, and shows the old and the new verdict', async (context) => {
  const old = {
    verdict: 'unknown',
    score: 12,
    status: 'open',
    audit: before,
    enrichments: enrichment('failed'),
  } as const;
  const { text, exit } = await retry(
    context,
    api(
      incident(old),
      incident({ ...old, audit: asked, enrichments: enrichment('waiting') }),
      incident({ ...old, audit: answered, enrichments: enrichment('ok') }),
      incident({ audit: scored, enrichments: enrichment('ok'), links: { self: 'http://soar.test/x' } }),
    ),
    { wait: true },
  );
  assert.equal(exit, 0);
  assert.match(text, /✓ +virustotal ip:192\.0\.2\.1 +12 engines/);
  assert.doesNotMatch(text, /did [12]\b/);
  assert.match(text, /^Verdict {2}unknown → malicious {3}Score 12 → 92 {3}Status escalated$/m);
  assert.match(text, /^self {2}http:\/\/soar\.test\/x$/m);
});

test('--wait with --json is the incident as it is then', async (context) => {
  const after = incident({ audit: scored, enrichments: enrichment('ok') });
  const { data } = await retry(context, api(incident({ audit: before }), after), { wait: true }, true);
  assert.deepEqual(data, [JSON.parse(JSON.stringify(after))]);
});

test('it is over when every lookup has ended and was weighed, also when it failed once more', () => {
  const over = (audit: Incident['audit'], state: string) =>
    isReassessed({ audit, enrichments: enrichment(state) }, [LOOKUP]);
  assert.equal(over(asked, 'waiting'), false);
  assert.equal(over(answered, 'ok'), false);
  assert.equal(over(scored.slice(0, -1), 'ok'), false);
  assert.equal(over(scored, 'waiting'), false);
  assert.equal(over(scored, 'ok'), true);
  assert.equal(over(scored, 'failed'), true);
});
