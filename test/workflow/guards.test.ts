import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ScoredDetail } from '../../activities/assessment';
import { caseUnder } from '../../activities/case';
import { judge } from '../../activities/judge';
import type { IncidentView } from '../../db/views';
import type { GuardHit } from '../../domain/guard-list';
import type { IocType } from '../../domain/intel/indicator';
import { observableId, parseObservableId } from '../../domain/observable';
import type { ObservableId } from '../../domain/observable';
import { DEFAULT_POLICY, policyWith } from '../../domain/policy';
import { DEFAULT_SITE } from '../../domain/site';
import type { Assessment } from '../../domain/verdict';
import { assertAudited, row } from '../support/audit';
import { GUARDS } from '../support/guards';
import { tellIocs } from '../support/iocs';
import { answerOf, isFinal, sentTo } from '../support/questions';
import { freshAlert } from '../support/samples';
import { createTestSystem } from '../support/system';
import type { TestSystem } from '../support/system';

/** Every sandbox reports it. */
const EMPTY_FILE = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const CLOUDFLARE = '104.16.132.229';
/** On no list. */
const NOBODY = '62.113.203.1';
const TOP_DOMAIN = 'apache.org';

describe('known things', () => {
  let system: TestSystem;

  before(async () => {
    system = await createTestSystem();
    const accused = [`ip:${CLOUDFLARE}`, `ip:${NOBODY}`, `domain:${TOP_DOMAIN}`] as ObservableId[];
    const now = new Date().toISOString();
    await tellIocs(
      system.knex,
      accused.map((id) => ({
        ...(parseObservableId(id) as { type: IocType; value: string }),
        sighting: {
          ...{ source: 'test', confidence: 100, tags: ['c2'], tlp: null, reference: null },
          ...{ first_seen: now, last_seen: now, expires_at: null },
        },
      })),
    );
    await system.startWorkers();
  });
  after(() => system.close());

  const play = async (alert: Record<string, unknown>): Promise<IncidentView> => {
    const incident = await system.incident(await system.submit(alert), isFinal);
    await assertAudited(system, incident);
    return incident;
  };
  const scored = (incident: IncidentView) => row(incident, '1/score').detail as ScoredDetail;
  const reportOf = async ({ id }: IncidentView): Promise<string> => (await system.store.reports.latest(id))!.html;
  const onList = (id: ObservableId, list: string): GuardHit => {
    const hits = GUARDS.current().hits([{ ...parseObservableId(id), roles: [], flags: [] }]);
    return hits.find((hit) => hit.list === list)!;
  };

  it('that say nothing are not asked about outside: list and version stand in the audit and in the report', async () => {
    const incident = await play(freshAlert('malware/05', { file_hash: EMPTY_FILE }));
    assert.deepEqual(sentTo(system, 'virustotal'), []);
    const { list, version } = onList(`sha256:${EMPTY_FILE}`, 'empty-hashes');
    const named = `list ${list}, version ${version}`;
    const { state, summary } = answerOf(incident, 'virustotal');
    assert.equal(state, 'not_applicable');
    assert.ok(summary.includes(named), summary);
    const { status, summary: recorded } = row(incident, `1/virustotal/sha256:${EMPTY_FILE}`);
    assert.deepEqual([status, recorded], ['skipped', summary]);
    assert.ok((await reportOf(incident)).includes(named));
  });

  it('shared by anybody cap what is said of them, and are named with the version of their list', async () => {
    // on another host: what was judged to be harm on the same one would count
    const elsewhere = {
      src_ip: '10.20.9.9',
      host_ip: '10.20.9.9',
      hostname: 'ws-9999.corp.example',
      username: 'somebody.else',
    };
    const accused = await play(freshAlert('suspicious_ip/05', { dest_ip: NOBODY, ...elsewhere }));
    assert.equal(accused.verdict, 'malicious');
    assert.deepEqual(
      scored(accused).assessment.guards.filter(({ observable }) => observable === `ip:${NOBODY}`),
      [],
    );

    const incident = await play(freshAlert('suspicious_ip/05', { dest_ip: CLOUDFLARE }));
    const { list, version } = onList(`ip:${CLOUDFLARE}`, 'cloudflare');
    const { caps, thresholds } = DEFAULT_POLICY;
    assert.ok(incident.score! <= caps.shared && caps.shared < thresholds.malicious);
    assert.equal(incident.verdict, 'suspicious');
    assert.match(incident.explanation!, /Cloudflare/);
    const line = scored(incident).assessment.ledger.find(({ rule }) => rule === `guard:${list}`)!;
    assert.match(line.text, new RegExp(`list ${list}, version ${version}\\): cuts [\\d.]+ to ${caps.shared}`));
    const report = await reportOf(incident);
    for (const part of [list, version]) assert.ok(report.includes(part), part);
  });

  it('that everybody visits cap it further', async () => {
    const incident = await play(
      freshAlert('suspicious_ip/05', { dest_ip: '192.168.7.9', domain: TOP_DOMAIN, alert_type: 'data_exfil' }),
    );
    const { version } = onList(`domain:${TOP_DOMAIN}`, 'tranco10k');
    const guard = scored(incident).assessment.guards.find(({ list }) => list === 'tranco10k')!;
    assert.deepEqual([guard.version, guard.kind, guard.cap], [version, 'benign', DEFAULT_POLICY.caps.benign]);
    assert.notEqual(incident.verdict, 'malicious');
  });

  it('are on record as the round found them: it is recomputed from that, whatever the lists say by then', async () => {
    const incident = await play(freshAlert('suspicious_ip/05', { dest_ip: CLOUDFLARE }));
    const { assessment, guard_hits: hits, earlier, at: now } = scored(incident);
    const providers = system.providers();
    const policy = policyWith(DEFAULT_POLICY, providers);
    const recorded = await caseUnder(system.store, incident.id, DEFAULT_SITE);
    const evidence = { ...recorded, alertType: 'suspicious_ip', earlier };
    const rules = { policy, policyId: assessment.policy, site: DEFAULT_SITE, siteId: assessment.site };
    const recompute = (found: GuardHit[]): Assessment =>
      judge({ providers, lists: { hits: () => found } }, evidence, rules, now, '1/score').assessment;
    assert.ok(hits.some(({ observable, list }) => observable === `ip:${CLOUDFLARE}` && list === 'cloudflare'));
    assert.deepEqual(JSON.parse(JSON.stringify(recompute(hits))), assessment);
    assert.equal(recompute([]).verdict, 'malicious');
    assert.ok(incident.observables.some((observable) => observableId(observable) === `ip:${CLOUDFLARE}`));
  });
});
