import type { Incident } from '../../../cli/client';

/** An incident as the API answers it, closed with a malicious verdict. */
export function incident(changes: Partial<Incident> = {}): Incident {
  return {
    id: 'INC-0123456789',
    version: 4,
    status: 'escalated',
    resolution: null,
    alert_type: 'brute_force',
    severity: 'high',
    source: 'firewall',
    title: 'Repeated failed logins',
    assignee: null,
    verdict: 'malicious',
    verdict_state: 'final',
    score: 92,
    complete: true,
    missing: [],
    machine_verdict: 'malicious',
    override: null,
    explanation: 'malicious (92): the local IOC database knows the source.',
    rules: null,
    ledger: [],
    verdict_timeline: [],
    alert_count: 1,
    first_seen: '2026-11-21T02:41:07.000000Z',
    last_seen: '2026-11-21T02:41:07.000000Z',
    correlation: null,
    related: [],
    alerts: [],
    alerts_omitted: 0,
    audit_omitted: 0,
    observables: [],
    enrichments: [],
    signals: [],
    decision: null,
    analyst_notes: null,
    audit: [],
    created_at: '2026-11-21T02:41:08.000000Z',
    updated_at: '2026-11-21T02:41:09.000000Z',
    ...changes,
  } as Incident;
}

/** An audit row with the given place in the chain. */
export function auditRow(seq: number, changes: Record<string, unknown> = {}): Incident['audit'][number] {
  return {
    seq,
    action_key: `1/step-${seq}`,
    at: '2026-11-21T02:41:08.250000Z',
    action: `step-${seq}`,
    status: 'ok',
    actor: 'worker',
    provider: null,
    observable: null,
    failures: 0,
    duration_ms: 12,
    summary: `did ${seq}`,
    ...changes,
  } as unknown as Incident['audit'][number];
}
