import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { IncidentView } from '../../db/views';
import { assertAudited } from '../support/audit';
import { startProcess } from '../support/process';
import type { RunningProcess } from '../support/process';
import { isFinal } from '../support/questions';
import { createTestSystem, processEnvironment } from '../support/system';
import type { TestSystem } from '../support/system';
import { startTemporal } from '../support/temporal-process';
import type { TemporalProcess } from '../support/temporal-process';
import { until } from '../support/until';

const ALERT = { source: 'crash-test', alert_type: 'brute_force', severity: 'low', username: 'm.okafor' };
const LATER = new Date(Date.now() + 86_400_000).toISOString();

/** One analyst's day with one incident. Who dies while it is asked for changes from act to act. */
const ACTS: [string, Record<string, unknown>, 'worker' | 'api' | 'temporal'][] = [
  ['acknowledge', { status: 'acknowledged' }, 'worker'],
  ['set_severity', { severity: 'high' }, 'api'],
  ['override_verdict', { verdict: 'malicious', reason: 'seen before' }, 'temporal'],
  ['hold', { status: 'on_hold', hold_until: LATER, reason: 'waits for the customer' }, 'api'],
  ['reclassify', { alert_type: 'suspicious_ip' }, 'worker'],
  ['close', { status: 'closed', resolution: 'true_positive' }, 'temporal'],
  ['reopen', { status: 'open', reason: 'seen again' }, 'worker'],
  ['change', { status: 'closed', resolution: 'duplicate', severity: 'low', analyst_notes: 'the end' }, 'api'],
];

describe('an analyst’s acts while processes are killed with -9', () => {
  let system: TestSystem;
  let temporal: TemporalProcess;
  let home: string;
  let key: string;
  const running: Partial<Record<'worker' | 'api', RunningProcess>> = {};

  before(async () => {
    temporal = await startTemporal();
    system = await createTestSystem(undefined, temporal.address);
    home = mkdtempSync(join(tmpdir(), 'soar-acts-'));
    ({ key } = await system.store.apiKeys.create('ann', 'analyst', 'test'));
    await Promise.all([start('worker'), start('api')]);
  });
  after(async () => {
    await Promise.all([running.worker?.kill(), running.api?.kill()]);
    await system.close();
    await temporal.close();
    rmSync(home, { recursive: true, force: true });
  });

  const environment = () => processEnvironment(system, { address: temporal.address, home });

  async function start(who: 'worker' | 'api' | 'temporal'): Promise<void> {
    if (who === 'temporal') return temporal.start();
    const readyMessage = who === 'worker' ? 'worker ready' : 'api listening';
    running[who] = await startProcess(`${who}/main.ts`, environment(), readyMessage);
  }
  const kill = (who: 'worker' | 'api' | 'temporal') => (who === 'temporal' ? temporal.kill() : running[who]!.kill());

  /** @returns the status, or undefined when nobody answered */
  async function call(method: string, path: string, body: unknown, name?: string): Promise<Response | undefined> {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    return fetch(`http://127.0.0.1:${String(running.api!.ready.port)}/api/v1${path}`, {
      method,
      headers: name === undefined ? headers : { ...headers, 'idempotency-key': name },
      body: JSON.stringify(body),
    }).catch(() => undefined);
  }

  const rowsOf = (incident: IncidentView): string[] =>
    incident.audit.filter(({ action_key }) => /^act\/[^/]*$/.test(action_key)).map(({ action }) => action);

  it('are each done once, whoever dies while they are asked for', async () => {
    const submitted = await call('POST', '/alerts', { ...ALERT, src_ip: '62.113.206.1' });
    const { incident_id: id } = (await submitted!.json()) as { incident_id: string };
    await system.incident(id, isFinal);
    const done: string[] = [];
    for (const [action, body, victim] of ACTS) {
      const name = `my ${action}`;
      const asked = call('PATCH', `/incidents/${id}`, body, name);
      await kill(victim);
      await asked;
      await start(victim);
      await until(`${action} to be confirmed`, async () => {
        const answer = await call('PATCH', `/incidents/${id}`, body, name);
        return answer?.status === 200 ? true : undefined;
      });
      done.push(action);
      assert.deepEqual(rowsOf((await system.store.incidents.view(id))!), done);
    }
    const last = await system.incident(id, ({ status }) => status === 'closed');
    assert.deepEqual(
      [last.status, last.resolution, last.severity, last.verdict, last.analyst_notes, last.alert_type],
      ['closed', 'duplicate', 'low', 'malicious', 'the end', 'suspicious_ip'],
    );
    await until('its run to end', async () => ((await system.gateway.describe(id)) === 'ended' ? true : undefined));
    await assertAudited(system, (await system.store.incidents.view(id))!);
    assert.equal(
      (await system.store.reconcile.due(LATER, 50)).some((one) => one.id === id),
      false,
      'nothing is left to do',
    );
  });
});
