import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '../../../cli/client';
import { ApiProblemError, ApiUnreachableError } from '../../../cli/http';
import { describeFailure, failureLines } from '../../../cli/problems';
import { json, serve } from './api-double';
import { incident } from './incident-fixture';

test('an alert goes out with its key, and the answer comes back', async (context) => {
  const { url, seen } = await serve(context, (_request, response) =>
    json(response, 202, { incident_id: 'INC-0123456789' }),
  );
  const client = createClient({ url: `${url}/`, apiKey: 'soar_key' });
  const answer = await client.submit({ body: '{"source":"x"}' });
  assert.equal(answer.incident_id, 'INC-0123456789');
  const [request] = seen;
  assert.equal(request?.url, '/api/v1/alerts');
  assert.equal(request?.headers.authorization, 'Bearer soar_key');
  assert.equal(request?.headers['content-type'], 'application/json');
  assert.equal(request?.body, '{"source":"x"}');
});

test('a problem document becomes an error with every field', async (context) => {
  const problem = {
    title: 'Fields are missing or not valid',
    status: 422,
    detail: '2 fields are not valid; see "errors".',
    errors: [
      { pointer: '/src_ip', detail: 'must be an IPv4 or IPv6 address' },
      { pointer: '/severity', detail: 'must be one of low, medium' },
    ],
  };
  const { url } = await serve(context, (_request, response) => json(response, 422, problem));
  const error: unknown = await createClient({ url, apiKey: undefined })
    .submit({ body: '{}' })
    .catch((caught: unknown) => caught);
  assert.ok(error instanceof ApiProblemError);
  assert.equal(error.status, 422);
  const lines = failureLines(error);
  assert.match(lines[0] ?? '', /^422 Fields are missing or not valid: 2 fields/);
  assert.deepEqual(lines.slice(1), [
    '  /src_ip  must be an IPv4 or IPv6 address',
    '  /severity  must be one of low, medium',
  ]);
  assert.match(describeFailure(error), /\/src_ip must be .*; \/severity must be/);
});

test('503 is asked again after its Retry-After, and then given up', async (context) => {
  let answers = 0;
  const { url, seen } = await serve(context, (_request, response) => {
    if (++answers <= 2) json(response, 503, { title: 'away' }, { 'retry-after': '0' });
    else json(response, 202, { incident_id: 'INC-0123456789' });
  });
  const answer = await createClient({ url, apiKey: undefined }).submit({ body: '{}' });
  assert.equal(answer.incident_id, 'INC-0123456789');
  assert.equal(seen.length, 3);

  answers = -100;
  const impatient = createClient({ url, apiKey: undefined, retries: 1 });
  await assert.rejects(impatient.submit({ body: '{}' }), { name: 'ApiProblemError', status: 503 });
  assert.equal(seen.length, 5);
});

test('nobody there says what to start', async () => {
  const error: unknown = await createClient({ url: 'http://127.0.0.1:9', apiKey: undefined })
    .incidents({})
    .catch((caught: unknown) => caught);
  assert.ok(error instanceof ApiUnreachableError);
  assert.match(failureLines(error).join('\n'), /does not answer at http:\/\/127\.0\.0\.1:9[^]*npm start/);
});

test('an answer that is no JSON is said to be none', async (context) => {
  const { url } = await serve(context, (_request, response) => response.writeHead(200).end('<html>'));
  await assert.rejects(createClient({ url, apiKey: undefined }).incidents({}), /Is this the SOAR API\?/);
});

test('a wrong key comes with a hint', async (context) => {
  const { url } = await serve(context, (_request, response) =>
    json(response, 401, { title: 'A valid API key is required' }),
  );
  const error: unknown = await createClient({ url, apiKey: 'x' })
    .incidents({})
    .catch((caught: unknown) => caught);
  assert.match(failureLines(error).join('\n'), /SOAR_API_KEY/);
});

test('filters are sent as they are', async (context) => {
  const { url, seen } = await serve(context, (_request, response) =>
    json(response, 200, { items: [], next_cursor: null }),
  );
  await createClient({ url, apiKey: 'k' }).incidents({ verdict: 'malicious,suspicious', q: 'a&b' });
  assert.equal(seen[0]?.url, '/api/v1/incidents?verdict=malicious%2Csuspicious&q=a%26b');
});

test('a note is added to the notes that are there, and a lost race is run again', async (context) => {
  let notes = 'first';
  let version = 4;
  const { url, seen } = await serve(context, (request, response) => {
    if (request.method === 'GET') return json(response, 200, incident({ analyst_notes: notes, version }));
    if (version === 4) {
      notes = 'first\nby somebody else';
      version = 5;
      return json(response, 412, { title: 'changed' });
    }
    assert.equal(request.headers['if-match'], '"5"');
    notes = (JSON.parse(request.body) as { analyst_notes: string }).analyst_notes;
    return json(response, 200, incident({ analyst_notes: notes, version: 6 }));
  });
  const after = await createClient({ url, apiKey: 'k' }).addNote('INC-0123456789', 'mine', { replace: false });
  assert.equal(after.analyst_notes, 'first\nby somebody else\nmine');
  assert.equal(seen.filter((request) => request.method === 'PATCH').length, 2);
});
