import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeCommand, splitCommand } from '../../../cli/commands/regroup';
import { json, serve } from './api-double';
import { sessionWith } from './session-double';

const ALERT = 'ALT-0123456789';

test('merge asks for it, and says what was moved where', async (context) => {
  const answer = { incident_id: 'INC-A', merged_into: 'INC-B', alerts: 2, links: {} };
  const { url, seen } = await serve(context, (_request, response) => json(response, 200, answer));
  const { session, lines } = sessionWith(url);
  assert.equal(await mergeCommand(session, 'inc-a', 'inc-b', { reason: 'one story' }), 0);
  assert.equal(lines[0], 'INC-A is merged into INC-B: 2 alerts moved.');
  assert.deepEqual([seen[0]?.method, seen[0]?.url], ['POST', '/api/v1/incidents/INC-A/merge']);
  assert.deepEqual(JSON.parse(seen[0]?.body ?? ''), { into: 'INC-B', reason: 'one story' });
  const machine = sessionWith(url, { json: true });
  await mergeCommand(machine.session, 'INC-A', 'INC-B', { reason: 'one story' });
  assert.deepEqual(machine.data, [answer]);
});

test('split asks for it, and says which incident is new', async (context) => {
  const answer = { incident_id: 'INC-N', split_from: 'INC-A', alerts: 1, links: {} };
  const { url, seen } = await serve(context, (_request, response) => json(response, 201, answer));
  const { session, lines } = sessionWith(url);
  assert.equal(await splitCommand(session, 'inc-a', [ALERT.toLowerCase()], { reason: 'another' }), 0);
  assert.equal(lines[0], '1 alert of INC-A moved to INC-N.');
  assert.deepEqual([seen[0]?.method, seen[0]?.url], ['POST', '/api/v1/incidents/INC-A/split']);
  assert.deepEqual(JSON.parse(seen[0]?.body ?? ''), { alert_ids: [ALERT], reason: 'another' });
  const machine = sessionWith(url, { json: true });
  await splitCommand(machine.session, 'INC-A', [ALERT], { reason: 'another' });
  assert.deepEqual(machine.data, [answer]);
});
