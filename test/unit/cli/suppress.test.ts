import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Suppression } from '../../../cli/client';
import { EXIT, UsageError } from '../../../cli/errors';
import { isSettled } from '../../../cli/follow';
import { runProgram } from '../../../cli/program';
import { json, serve, type Handler } from './api-double';
import { incident } from './incident-fixture';
import { sessionWith } from './session-double';

const ID = 'SUP-0123456789';

function suppression(changes: Partial<Suppression> = {}): Suppression {
  return {
    id: ID,
    active: true,
    ...{ alert_type: 'brute_force', observable: 'ip:192.0.2.10', rule: null, source: null },
    ...{ reason: 'Our scanner', created_by: 'ann', created_at: '2026-11-23T12:00:00.000000Z' },
    ...{ expires_at: '2026-12-23T12:00:00.000000Z', removed_by: null, removed_at: null },
    ...{ incidents: 1, alerts: 1200, last_match: '2026-11-24T01:02:03.000000Z' },
    links: { self: '', incidents: '' },
    ...changes,
  };
}

async function run(t: TestContext, handle: Handler, ...args: string[]) {
  const { url, seen } = await serve(t, handle);
  const { session, lines, data, notes } = sessionWith(url, { json: args.includes('--json') });
  const code = await runProgram(['suppress', ...args], () => session);
  return { code, seen, lines, data, notes };
}

const made: Handler = (_request, response) => json(response, 201, suppression());

describe('soar suppress add', () => {
  it('sends what is known, why and until when, under a name of its own', async (t) => {
    const flags = ['--type', 'brute_force', '--observable', 'ip:192.0.2.10', '--rule', '5710', '--source', 'wazuh'];
    const until = '2026-12-23T12:00:00Z';
    const { code, seen, lines } = await run(t, made, 'add', ...flags, '--reason', 'Our scanner', '--until', until);
    assert.equal(code, EXIT.ok);
    assert.deepEqual([seen[0]?.method, seen[0]?.url], ['POST', '/api/v1/suppressions']);
    assert.deepEqual(JSON.parse(seen[0]?.body ?? ''), {
      ...{ alert_type: 'brute_force', observable: 'ip:192.0.2.10', rule: '5710', source: 'wazuh' },
      ...{ reason: 'Our scanner', expires_at: '2026-12-23T12:00:00.000000Z' },
    });
    assert.match(String(seen[0]?.headers['idempotency-key']), /^[0-9a-f-]{36}$/);
    assert.deepEqual(lines, [`${ID} holds until 2026-12-23 12:00:00 UTC: brute_force ip:192.0.2.10.`]);
  });

  it('reckons the end from now, and gives the answer as JSON', async (t) => {
    const before = Date.now();
    const { seen, data, lines } = await run(
      t,
      made,
      ...['add', '--source', 'x', '--broad', '--reason', 'y', '--for', '30d', '--json'],
    );
    const { expires_at, broad } = JSON.parse(seen[0]?.body ?? '') as { expires_at: string; broad: boolean };
    assert.equal(broad, true);
    const days = (Date.parse(expires_at) - before) / 86_400_000;
    assert.ok(days >= 30 && days < 30.1, expires_at);
    assert.deepEqual([data, lines], [[suppression()], []]);
  });

  it('is called wrongly without an end, a pattern or a reason, or with two ends; nothing is asked', async (t) => {
    const wanted = ['add', '--source', 'x', '--rule', 'z', '--reason', 'y'];
    await assert.rejects(run(t, made, ...wanted), UsageError);
    await assert.rejects(run(t, made, 'add', '--reason', 'y', '--for', '1d'), UsageError);
    for (const wrong of [
      ['add', '--source', 'x', '--rule', 'z', '--for', '1d', '--json'],
      [...wanted, '--for', '1d', '--until', '2026-12-23T12:00:00Z', '--json'],
      [...wanted, '--for', 'soon', '--json'],
      [...wanted, '--until', 'tomorrow', '--json'],
      [...wanted, '--for', '0', '--json'],
      [...wanted, '--type', 'unclassified', '--for', '1d', '--json'],
    ]) {
      await assert.rejects(run(t, made, ...wrong), UsageError, wrong.join(' '));
    }
  });
});

describe('soar suppress add of all that a tool sends', () => {
  it('says so, and wants to be told that it is meant', async (t) => {
    const alone = { source: ['--source', 'x'], type: ['--type', 'malware'] };
    for (const [name, flags] of Object.entries(alone)) {
      const made = run(
        t,
        (_request, response) => json(response, 201, {}),
        'add',
        ...flags,
        '--reason',
        'y',
        '--for',
        '1d',
      );
      await assert.rejects(made, {
        name: 'UsageError',
        message: new RegExp(`All alerts of this ${name}`),
        hint: /--broad/,
      });
    }
  });
});

describe('soar suppress list', () => {
  const page = (...items: Suppression[]): Handler => {
    return (_request, response) => json(response, 200, { items, next_cursor: 'more', links: { next: null } });
  };

  it('shows those that hold: what, until when, and what it has closed', async (t) => {
    const { seen, lines, notes } = await run(t, page(suppression({ reason: 'a\u001b[2Jb' })), 'list');
    assert.equal(seen[0]?.url, '/api/v1/suppressions?active=true');
    assert.deepEqual(lines, [
      `${ID}  active until 2026-12-23 12:00 · 1,200 alerts, last 2026-11-24`,
      '  what  brute_force ip:192.0.2.10',
      '  why   a·[2Jb (ann)',
    ]);
    assert.deepEqual(notes, ['More: add --cursor more']);
  });

  it('shows all of them when asked, page by page', async (t) => {
    const removed = { active: false, removed_at: '2026-11-25T00:00:00.000000Z', removed_by: 'kim', last_match: null };
    const items = [suppression(removed), suppression({ active: false, source: 'wazuh', rule: '5710' })];
    const { seen, lines } = await run(t, page(...items), 'list', '--all', '--limit', '2', '--cursor', 'c');
    assert.equal(seen[0]?.url, '/api/v1/suppressions?limit=2&cursor=c');
    assert.equal(lines[0], `${ID}  removed 2026-11-25 00:00 · 1,200 alerts`);
    assert.match(lines[3] ?? '', /expired 2026-12-23 12:00/);
    assert.equal(lines[4], '  what  brute_force ip:192.0.2.10 rule 5710 from wazuh');
    const machine = await run(t, page(...items), 'list', '--all', '--json');
    assert.deepEqual(machine.data, [{ items, next_cursor: 'more', links: { next: null } }]);
  });

  it('cuts neither pattern nor reason, within 80 columns', async (t) => {
    const long = {
      observable: `url:https://a.example/${'x'.repeat(90)}`,
      reason: 'one-word '.repeat(30).trim(),
    } as const;
    const { url } = await serve(t, page(suppression(long)));
    const { session, lines } = sessionWith(url, { width: 80 });
    await runProgram(['suppress', 'list'], () => session);
    assert.ok(lines.every((line) => [...line].length <= 80));
    const told = lines.map((line) => line.slice(8)).join('');
    assert.ok(told.includes(long.observable) && told.match(/one-word/g)?.length === 30, lines.join('\n'));
  });

  it('says so when there are none', async (t) => {
    const none: Handler = (_request, response) => json(response, 200, { items: [], next_cursor: null });
    assert.deepEqual((await run(t, none, 'list')).lines, ['No suppression holds.']);
    assert.deepEqual((await run(t, none, 'list', '--all')).lines, ['There are no suppressions.']);
  });
});

describe('soar suppress remove', () => {
  const removed = suppression({ active: false, removed_at: '2026-11-25T00:00:00.000000Z', removed_by: 'kim' });
  const handle: Handler = (_request, response) => json(response, 200, removed);

  it('ends it, and says what it has closed', async (t) => {
    const { seen, lines, code } = await run(t, handle, 'remove', ID.toLowerCase());
    assert.deepEqual([seen[0]?.method, seen[0]?.url, code], ['DELETE', `/api/v1/suppressions/${ID}`, EXIT.ok]);
    assert.deepEqual(lines, [
      `${ID} holds no more (2026-11-25 00:00:00 UTC by kim): brute_force ip:192.0.2.10.`,
      'It has closed 1,200 alerts in 1 incident.',
    ]);
    assert.deepEqual((await run(t, handle, 'remove', ID, '--json')).data, [removed]);
  });
});

describe('an incident that was closed as it came', () => {
  const known = incident({
    ...{ status: 'closed', resolution: 'benign_true_positive', suppressed_by: ID },
    ...{ verdict: 'unknown', verdict_state: 'pending', score: null, explanation: null },
  });

  it('says so, and by what', async (t) => {
    const { url } = await serve(t, (_request, response) => json(response, 200, known));
    const { session, lines } = sessionWith(url);
    await runProgram(['incident', known.id], () => session);
    assert.ok(lines.includes(`  Closed as it came: known (${ID}). Nothing was looked up.`), lines.join('\n'));
  });

  it('is told of at once when its alert is submitted', async (t) => {
    const answer = {
      ...{ incident_id: known.id, alert_type: 'brute_force', severity: 'low', status: 'closed', suppressed_by: ID },
      ...{ duplicate: false, classification: { confidence: 1, reasons: [] } },
    };
    const { url } = await serve(t, ({ method }, response) =>
      method === 'POST' ? json(response, 202, answer) : json(response, 200, known),
    );
    const { session, lines } = sessionWith(url);
    const flags = ['--source', 'wazuh', '--type', 'brute_force', '--src-ip', '192.0.2.10'];
    assert.equal(await runProgram(['alert', ...flags, '--wait'], () => session), EXIT.ok);
    assert.equal(lines[1], `Closed as it came: known (${ID})`);
    assert.ok(lines.includes(`Closed as it came: known (${ID}). Nothing was looked up.`), lines.join('\n'));
  });

  it('is not waited for', () => {
    assert.equal(isSettled(known), true);
    assert.equal(isSettled({ ...known, suppressed_by: null }), false);
  });
});
