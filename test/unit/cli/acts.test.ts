import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { Incident } from '../../../cli/client';
import { EXIT } from '../../../cli/errors';
import { exitCodeOf, failureLines } from '../../../cli/problems';
import { runProgram } from '../../../cli/program';
import { json, serve, type Handler, type SeenRequest } from './api-double';
import { auditRow, incident } from './incident-fixture';
import { sessionWith } from './session-double';

const ID = 'INC-0123456789';
const HOLD = { reason: 'waits', until: '2026-12-24T08:00:00.000000Z', by: 'kim', at: '2026-11-21T02:41:08.000000Z' };
const OVERRIDE = { verdict: 'benign', reason: 'pentest', by: 'kim', at: HOLD.at } as const;

const answering =
  (state: Partial<Incident>): Handler =>
  (_request, response) =>
    json(response, 200, incident({ version: 12, ...state }));

async function soar(context: TestContext, handler: Handler, ...args: string[]) {
  const { url, seen } = await serve(context, handler);
  const double = sessionWith(url, { json: args.includes('--json') });
  const exit = await runProgram(args, () => double.session);
  return { ...double, seen, exit, text: double.lines.join('\n') };
}

const changesOf = (request: SeenRequest | undefined) => JSON.parse(request?.body ?? '') as Record<string, unknown>;

describe('an act is one change of the incident, and is told by how that stands then', () => {
  const closed = { status: 'closed', resolution: 'false_positive' } as const;
  const cases: [command: string, changes: object, state: Partial<Incident>, told: string][] = [
    ['ack ID', { status: 'acknowledged' }, { status: 'acknowledged' }, 'acknowledged'],
    [
      'hold ID --until 2026-12-24T08:00:00+00:00 --reason waits',
      { status: 'on_hold', hold_until: HOLD.until, reason: 'waits' },
      { status: 'on_hold', hold: HOLD },
      'on hold until 2026-12-24 08:00:00 UTC',
    ],
    [
      'override ID benign --reason pentest',
      { verdict: 'benign', reason: 'pentest' },
      { verdict: 'benign', verdict_state: 'overridden', override: OVERRIDE },
      'benign, as kim says; the machine says malicious',
    ],
    ['severity ID low --reason x', { severity: 'low', reason: 'x' }, { severity: 'low' }, 'of severity low'],
    ['reclassify ID malware', { alert_type: 'malware' }, { alert_type: 'malware' }, 'of type malware'],
    [
      'close ID --as false_positive',
      { status: 'closed', resolution: 'false_positive' },
      closed,
      'closed as false_positive',
    ],
    ['reopen ID --reason again', { status: 'open', reason: 'again' }, { status: 'open' }, 'open'],
    ['assign ID lee', { assignee: 'lee' }, { assignee: 'lee' }, 'assigned to lee'],
    ['assign ID --nobody', { assignee: null }, { assignee: null }, 'assigned to nobody'],
  ];
  for (const [command, changes, state, told] of cases) {
    test(`soar ${command}`, async (context) => {
      const args = command.replace('ID', ID.toLowerCase()).split(' ');
      const { seen, text, exit } = await soar(context, answering(state), ...args);
      assert.deepEqual([exit, text], [EXIT.ok, `${ID} is ${told} (version 12).`]);
      assert.deepEqual([seen[0]?.method, seen[0]?.url], ['PATCH', `/api/v1/incidents/${ID}`]);
      assert.deepEqual(changesOf(seen[0]), changes);
      assert.equal(seen[0]?.headers['if-match'], undefined);
      assert.match(String(seen[0]?.headers['idempotency-key']), /^[0-9a-f-]{36}$/);
    });
  }
});

test('an act is meant for a version and has a name, where they are given; --json is the incident', async (context) => {
  const args = ['ack', ID, '--if-version', '11', '--idempotency-key', 'case-7', '--json'];
  const { seen, data, lines } = await soar(context, answering({ status: 'acknowledged' }), ...args);
  assert.equal(seen[0]?.headers['if-match'], '"11"');
  assert.equal(seen[0]?.headers['idempotency-key'], 'case-7');
  const expected: unknown = JSON.parse(JSON.stringify(incident({ version: 12, status: 'acknowledged' })));
  assert.deepEqual([data, lines], [[expected], []]);
});

test('what an analyst is told cannot move the cursor', async (context) => {
  const { text } = await soar(context, answering({ assignee: 'l\u001b[2Jee' }), 'assign', ID, 'x');
  assert.equal(text, `${ID} is assigned to l·[2Jee (version 12).`);
});

describe('soar hold', () => {
  const until = async (context: TestContext, ...args: string[]) => {
    const { seen } = await soar(context, answering({ hold: HOLD }), 'hold', ID, '--reason', 'x', ...args);
    return String(changesOf(seen[0])['hold_until']);
  };

  for (const [duration, ms] of Object.entries({ '90m': 5_400_000, '4h': 14_400_000, '1.5d': 129_600_000 })) {
    test(`--for ${duration} begins now`, async (context) => {
      const before = Date.now();
      const end = Date.parse(await until(context, '--for', duration)) - ms;
      assert.ok(before <= end && end <= Date.now());
    });
  }

  for (const time of ['2026-12-24T09:00:00+01:00', '2026-12-24T08:00Z', '2026-12-24 08:00', '2026-12-24T03:00-05:00']) {
    test(`--until ${time} is that instant`, async (context) => {
      assert.equal(await until(context, '--until', time), HOLD.until);
    });
  }
});

test('soar resume ends a hold', async (context) => {
  let held = true;
  const handler: Handler = ({ method }, response) => {
    held &&= method === 'GET';
    json(response, 200, incident(held ? { status: 'on_hold', hold: HOLD } : { status: 'acknowledged', version: 12 }));
  };
  const { seen, text } = await soar(context, handler, 'resume', ID);
  assert.deepEqual(changesOf(seen[1]), { status: 'acknowledged' });
  assert.equal(text, `${ID} is acknowledged (version 12).`);
});

test('soar resume acknowledges nothing that is not on hold', async (context) => {
  const { url, seen } = await serve(context, answering({ status: 'escalated' }));
  const resumed = runProgram(['resume', ID], () => sessionWith(url).session);
  await assert.rejects(resumed, { name: 'CliError', message: `${ID} is escalated, not on hold.` });
  assert.deepEqual(
    seen.map(({ method }) => method),
    ['GET'],
  );
});

test('called in a way that cannot work: exit 2, and nothing is sent', async (context) => {
  const { url, seen } = await serve(context, answering({}));
  const wrong = [
    'ack',
    `hold ${ID} --for 4h`,
    `hold ${ID} --reason x`,
    `hold ${ID} --reason x --for 4h --until 2026-12-24T08:00Z`,
    `hold ${ID} --reason x --for 0`,
    `hold ${ID} --reason x --for tomorrow`,
    `hold ${ID} --reason x --until tomorrow`,
    `hold ${ID} --reason x --until 2026-02-30T08:00Z`,
    `override ${ID} benign`,
    `override ${ID} harmless --reason x`,
    `severity ${ID} extreme`,
    `reclassify ${ID} unclassified`,
    `close ${ID}`,
    `close ${ID} --as auto_benign`,
    `assign ${ID}`,
    `assign ${ID} lee --nobody`,
    `ack ${ID} --if-version latest`,
    `ack ${ID} --if-version -1`,
    `ack ${ID} --idempotency-key caf\u00e9`,
  ];
  for (const command of wrong) {
    const { session } = sessionWith(url, { json: true });
    const ran = runProgram([...command.split(' '), '--json'], () => session);
    await assert.rejects(ran, (error) => exitCodeOf(error) === EXIT.usage, command);
  }
  assert.equal(seen.length, 0);
});

describe('a refusal is told with what to do', () => {
  const refused = async (context: TestContext, status: number, problem: object) => {
    const handler: Handler = (_request, response) => json(response, status, { status, ...problem });
    const error: unknown = await soar(context, handler, 'ack', ID).catch((caught: unknown) => caught);
    assert.equal(exitCodeOf(error), EXIT.failure);
    return failureLines(error);
  };

  test('409: why not, and where the moves stand', async (context) => {
    const detail = 'It is closed as duplicate: acknowledging it is not possible; reopen it first.';
    const lines = await refused(context, 409, { type: '/docs#problem-not-allowed', title: 'Not as it stands', detail });
    assert.deepEqual(lines, [
      `409 Not as it stands: ${detail}`,
      'What may be done from which status: docs/casework.md.',
    ]);
  });

  test('409 of another kind has no such hint', async (context) => {
    const lines = await refused(context, 409, { type: '/docs#problem-no-playbook', title: 'It has no playbook' });
    assert.deepEqual(lines, ['409 It has no playbook']);
  });

  test('412: read it again', async (context) => {
    const lines = await refused(context, 412, { title: 'It has changed' });
    assert.match(lines.join('\n'), /^412 It has changed\nSomebody was faster: look at it with `soar incident INC-…`/);
  });

  test('422: every field', async (context) => {
    const errors = [{ pointer: '/hold_until', detail: 'Must be in the future' }];
    const lines = await refused(context, 422, { title: 'Not valid', errors });
    assert.deepEqual(lines, ['422 Not valid', '  /hold_until  Must be in the future']);
  });
});

describe('an act is asked for again under the same name', () => {
  const twice = async (context: TestContext, first: Handler) => {
    let answers = 0;
    const { seen, exit } = await soar(
      context,
      (request, response) => (answers++ === 0 ? first : answering({}))(request, response),
      'ack',
      ID,
    );
    assert.equal(exit, EXIT.ok);
    assert.equal(seen.length, 2);
    assert.equal(seen[0]?.headers['idempotency-key'], seen[1]?.headers['idempotency-key']);
  };

  test('after a 503', (context) =>
    twice(context, (_request, response) => json(response, 503, { title: 'away' }, { 'retry-after': '0' })));

  test('when the connection breaks before the answer', (context) =>
    twice(context, (_request, response) => response.destroy()));
});

describe('soar reclassify --wait', () => {
  const old = [auditRow(1, { action: 'score' }), auditRow(2, { action: 'conclude' })];
  const retyped = auditRow(3, {
    action: 'reclassify',
    action_key: 'act/7',
    summary: 'kim reclassified it as malware',
    detail: { alert_type: { from: 'brute_force', to: 'malware' } },
  });
  const report = auditRow(4, { action: 'report', action_key: 'act/7/report' });
  const judged = [
    auditRow(5, { action: 'score', detail: { overtaken: true } }),
    auditRow(6, { action: 'conclude', detail: { overtaken: true } }),
    auditRow(7, { action: 'score', summary: 'scored anew' }),
    auditRow(8, { action: 'conclude' }),
  ];
  const was = { verdict: 'unknown', score: 12, status: 'acknowledged' } as const;
  const is = { status: 'acknowledged', alert_type: 'malware' } as const;

  const api = (): Handler => {
    const states = [
      incident({ ...was, audit: old }),
      incident({ ...was, ...is, audit: [...old, retyped] }),
      incident({ ...was, ...is, audit: [...old, retyped, report] }),
      incident({ ...was, ...is, audit: [...old, retyped, report, ...judged.slice(0, 2)] }),
      incident({ ...is, audit: [...old, retyped, report, ...judged.slice(0, 3)] }),
      incident({ ...is, audit: [...old, retyped, report, ...judged] }),
    ];
    let next = 0;
    return (_request, response) => json(response, 200, states[Math.min(next++, states.length - 1)]);
  };

  test('follows the new playbook to its verdict, past what the old one was about to say', async (context) => {
    const { text, seen } = await soar(context, api(), 'reclassify', ID, 'malware', '--wait');
    assert.equal(seen.length, 6);
    assert.match(text, /^INC-0123456789 is of type malware \(version 4\)\.$/m);
    assert.match(text, /✓ +reclassify +kim reclassified it as malware/);
    assert.match(text, /✓ +score +scored anew/);
    assert.doesNotMatch(text, /did [12]\b/);
    assert.match(text, /^Verdict {2}unknown → malicious {3}Score 12 → 92 {3}Status acknowledged$/m);
  });

  test('with --json is the incident as it is then', async (context) => {
    const { data, lines } = await soar(context, api(), 'reclassify', ID, 'malware', '--wait', '--json');
    assert.equal(data.length, 1);
    assert.deepEqual(lines, []);
    assert.equal((data[0] as Incident).audit.length, 8);
  });

  test('is over at once for one that is of that type already', async (context) => {
    const settled = answering({ audit: old });
    const { seen } = await soar(context, settled, 'reclassify', ID, 'brute_force', '-w');
    assert.equal(seen.length, 3);
  });
});
