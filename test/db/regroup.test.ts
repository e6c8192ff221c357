import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ownFindings } from '../../activities/judge';
import { acceptAlert, readAlert } from '../../api/accept-alert';
import type { Accepted } from '../../db/store';
import type { Finding } from '../../domain/enrichment';
import { parseSubmission } from '../../domain/formats';
import { MOST_OBSERVABLES } from '../../domain/observables';
import { DEFAULT_SITE } from '../../domain/site';
import { changeIncident, createTestDatabase, type TestDatabase } from '../support/database';
import { atOnce, NOW } from './fixtures';

const correlationWindowMs = 2 * 3_600_000;
const site = { current: () => DEFAULT_SITE };

describe('what regrouping leaves', () => {
  let database: TestDatabase;
  let count = 0;
  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  function accept(src_ip: string, changes: Record<string, unknown> = {}): Promise<Accepted> {
    count += 1;
    const body = {
      source: 'fw',
      alert_id: `left-${count}`,
      alert_type: 'brute_force',
      severity: 'low',
      src_ip,
      ...changes,
    };
    const [parsed] = parseSubmission({ body, receivedAt: NOW });
    const original = Buffer.from(JSON.stringify(body));
    const how = { original, mediaType: 'application/json', receivedAt: NOW, actor: 'test' };
    return acceptAlert(parsed!, how, { store: database.store, site, correlationWindowMs });
  }
  async function split(id: string, ...alertIds: string[]) {
    const outcome = await database.store.regrouping.split({
      ...{ id, alertIds, requestId: alertIds.join(), reason: 'test', actor: 'ann', at: new Date().toISOString() },
      read: (alert) => readAlert(alert, site.current(), correlationWindowMs),
    });
    assert.ok(!('refused' in outcome));
    return outcome;
  }
  const named = async (id: string) =>
    (await database.store.incidents.caseOf(id)).observables.map(({ type, value }) => `${type}:${value}`);
  const mentions = (from: number, to: number) =>
    Array.from(
      { length: to - from },
      (_, index) => `203.0.${113 + Math.floor((from + index) / 250)}.${(from + index) % 250}`,
    ).join(' ');

  it('is no half of a round: a split in the midst of one abandons it', async () => {
    const [first, second] = [await accept('198.18.20.1'), await accept('198.18.20.1', { dest_ip: '185.220.101.9' })];
    await changeIncident(database.knex, first.incidentId, { round: 3, settled_round: 2 });
    const { left } = await split(first.incidentId, second.alertId);
    assert.deepEqual([left.round, left.settled_round], [3, 3]);
    const row = await database.store.incidents.require(first.incidentId);
    assert.deepEqual([row.round, row.settled_round], [3, 3]);
    const { observables } = await database.store.incidents.caseOf(row.id);
    const finding = (observable: string) => ({ source: 'virustotal', observable }) as Finding;
    const own = ownFindings({ observables, findings: [finding('ip:198.18.20.1'), finding('ip:185.220.101.9')] });
    assert.deepEqual(own, [finding('ip:198.18.20.1')]);
  });

  it('gives what only texts mention away for what fields name', async () => {
    const noise = await accept('198.18.20.2', { raw_log: mentions(0, 230) });
    const id = noise.incidentId;
    assert.equal((await named(id)).length, MOST_OBSERVABLES);
    await accept('198.18.20.2', { dest_ip: '185.220.101.9' });
    const now = await named(id);
    assert.equal(now.length, MOST_OBSERVABLES);
    assert.ok(now.includes('ip:185.220.101.9') && now.includes('ip:198.18.20.2'));
  });

  it('has room for what was left out', async () => {
    const noise = await accept('198.18.20.3', { raw_log: mentions(0, 230) });
    await accept('198.18.20.3', { raw_log: 'and 192.0.99.7' });
    assert.ok(!(await named(noise.incidentId)).includes('ip:192.0.99.7'));
    await split(noise.incidentId, noise.alertId);
    assert.deepEqual(await named(noise.incidentId), ['ip:198.18.20.3', 'ip:192.0.99.7']);
  });

  it('keeps what stands late in a long text of one that stays', async () => {
    const stays = await accept('198.18.20.4', { raw_log: `${'zq xj '.repeat(10_000)} 192.0.99.8`, executed: true });
    const leaves = await accept('198.18.20.4', { raw_log: '192.0.99.8 and 192.0.99.9', severity: 'critical' });
    const { left } = await split(stays.incidentId, leaves.alertId);
    assert.deepEqual(await named(stays.incidentId), ['ip:198.18.20.4', 'ip:192.0.99.8']);
    assert.deepEqual([left.outcomes, left.severity], [['executed'], 'low']);
  });

  it('is all of it where those that stay say too many things to be read', async () => {
    const all = await atOnce(510, (index) => accept('198.18.20.5', { command_line: `run ${index}` }));
    const leaves = await accept('198.18.20.5', { dest_ip: '185.220.101.9' });
    const { incident } = await split(leaves.incidentId, leaves.alertId);
    assert.deepEqual((await named(leaves.incidentId)).sort(), ['ip:185.220.101.9', 'ip:198.18.20.5']);
    assert.equal(incident.correlation, null);
    assert.equal((await accept('198.18.20.5')).incidentId, all[0]!.incidentId);
  });

  it('finds alerts by keys that came while a merge waited', async () => {
    const [source, target] = [await accept('198.18.20.6'), await accept('198.18.20.7')];
    const merging = { id: source.incidentId, into: target.incidentId, reason: 'x', actor: 'ann', at: NOW };
    const other = await accept('198.18.20.8');
    await atOnce(2, (index) =>
      database.store.regrouping.merge(
        index === 0 ? { ...merging, id: other.incidentId, into: source.incidentId } : merging,
      ),
    );
    const row = await database.store.incidents.require(other.incidentId);
    assert.equal((await accept('198.18.20.6')).incidentId, target.incidentId);
    const into = row.status === 'closed' ? (await accept('198.18.20.8')).incidentId : row.id;
    assert.ok([target.incidentId, other.incidentId].includes(into));
  });
});
