import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Incident } from '../../cli/client';
import { failureLines } from '../../cli/problems';
import { runProgram } from '../../cli/program';
import type { Store } from '../../db/store';
import { sessionWith } from '../unit/cli/session-double';
import { startApi, type TestApi } from './api-server';

/** The `soar` command against the real API and database; of the run only what it does to MySQL. */

let api: TestApi;
let store: Store;
let number = 0;

before(async () => {
  api = await startApi({
    gateway: {
      act: async ({ id }, { requestId, actor, ifVersion, ...request }) => {
        const at = new Date().toISOString();
        await store.acts.perform({ incidentId: id, requestId, request, actor, at, ifVersion });
      },
    },
  });
  store = api.store;
});
after(() => api.stop());

async function accepted(): Promise<string> {
  const { json } = await api.submit({ source: 'fw', alert_type: 'brute_force', alert_id: `a${++number}` });
  return json.incident_id;
}

/** What the command says, or why it is refused. */
async function soar(...args: string[]): Promise<string> {
  const { session, lines } = sessionWith(api.url, { apiKey: api.key });
  try {
    await runProgram(args, () => session);
  } catch (error) {
    return failureLines(error).join('\n');
  }
  return lines.join('\n');
}

async function rowsOf(id: string): Promise<string[]> {
  const { json } = await api.call<Incident>('GET', `/api/v1/incidents/${id}`);
  return json.audit.filter(({ action_key: key }) => key.startsWith('act/')).map(({ action }) => action);
}

describe('the analyst’s commands, one after the other', () => {
  test('each says how the incident stands then, and is one row of its audit', async () => {
    const id = await accepted();
    const steps: [command: string, told: RegExp][] = [
      ['ack ID', /^ID is acknowledged \(version \d+\)\.$/],
      ['ack ID', /^ID is acknowledged already, by tester, \d+. ago \(version \d+\)\.$/],
      ['hold ID --until 2099-01-01T08:00Z --reason waits', /422 .*\n.*A hold lasts at most 366 days/],
      ['hold ID --for 4h --reason waits', /^ID is on hold until \d{4}-.* UTC \(version \d+\)\.$/],
      ['resume ID', /^ID is acknowledged \(/],
      ['resume ID', /^ID is acknowledged already, by tester, \d+. ago \(/],
      ['override ID benign --reason pentest', /^ID is benign, as .+ says; the machine says –/],
      ['severity ID low', /^ID is of severity low/],
      ['reclassify ID malware', /^ID is of type malware/],
      ['assign ID kim', /^ID is assigned to kim/],
      ['close ID --as duplicate', /^ID is closed as duplicate/],
      ['ack ID', /^409 .*It is closed as duplicate: .*reopen it first\.\nWhat may be done .*docs\/casework\.md/],
      ['reopen ID', /^ID is open/],
      ['close ID --as duplicate --if-version 1', /^412 .*\nSomebody was faster/],
    ];
    for (const [command, told] of steps) {
      const said = await soar(...command.replace('ID', id).split(' '));
      assert.match(said.replaceAll(id, 'ID'), told, command);
    }
    assert.deepEqual(await rowsOf(id), [
      'acknowledge',
      'hold',
      'acknowledge',
      'override_verdict',
      'set_severity',
      'reclassify',
      'edit',
      'close',
      'reopen',
    ]);
  });

  test('under one key an act is done once', async () => {
    const id = await accepted();
    for (let time = 0; time < 2; time++) {
      assert.match(await soar('close', id, '--as', 'duplicate', '--idempotency-key', 'k1'), /is closed as duplicate/);
    }
    for (let time = 0; time < 2; time++) {
      assert.match(await soar('reopen', id, '--idempotency-key', 'k2'), /is open/);
    }
    await soar('hold', id, '--for', '4h', '--reason', 'waits');
    for (let time = 0; time < 2; time++) {
      assert.match(await soar('resume', id, '--idempotency-key', 'k/3'), /is acknowledged \(/);
    }
    assert.match(await soar('close', id, '--as', 'duplicate', '--idempotency-key', 'k/3'), /422[^]*Another request/);
    assert.deepEqual(await rowsOf(id), ['close', 'reopen', 'hold', 'acknowledge']);
  });

  test('the page of the incident has what was done', async () => {
    const id = await accepted();
    await soar('hold', id, '--for', '4h', '--reason', 'waits for the customer');
    await soar('note', id, 'first');
    await soar('note', id, 'second');
    const page = await soar('incident', id, '--notes');
    assert.match(page, /^ {2}in hand +on_hold, by /m);
    assert.match(page, /^ {2}on hold +until .* UTC \(in 3h\), by .*: waits for the customer$/m);
    assert.match(page, /^Notes\n {2}.*:\n {2}first\n {2}.*:\n {2}first\n {2}second$/m);
  });
});
