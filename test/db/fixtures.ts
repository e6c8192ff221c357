import type { AcceptInput, Accepted, FinishInput, Store } from '../../db/store';
import type { NewReport } from '../../db/repositories/reports';
import { shift } from '../../db/time';
import type { Observable } from '../../domain/observable';

export const NOW = '2026-11-23T12:00:00.123456Z';

export const MINUTE_MS = 60_000;

export const SOURCE_IP: Observable = { type: 'ip', value: '185.220.101.1', roles: ['source'], flags: [] };
export const HOST: Observable = { type: 'host', value: 'dc-01', roles: ['alerted_host'], flags: ['internal_name'] };

/** What the API hands over for one alert; every call with the same `name` is the same alert. */
export function submission(name: string, changes: Partial<AcceptInput> = {}): AcceptInput {
  const alert: AcceptInput['alert'] = {
    source: 'firewall',
    alert_id: name,
    alert_type: 'brute_force',
    severity: 'high',
    src_ip: SOURCE_IP.value,
  };
  return {
    alert,
    format: 'canonical',
    classification: { alert_type: 'brute_force', confidence: 1, reasons: ['the source says so'] },
    observables: [SOURCE_IP, HOST],
    title: `Failed logins ${name}`,
    original: Buffer.from(JSON.stringify(alert)),
    mediaType: 'application/json',
    extra: { vendor_field: name },
    receivedAt: NOW,
    actor: 'admin',
    ...changes,
  };
}

/** As {@link submission}, for an alert without an id of its own. */
export function anonymous(name: string, changes: Partial<AcceptInput> = {}): AcceptInput {
  const { alert, ...rest } = submission(name);
  const { alert_id: _none, ...fields } = alert;
  return { ...rest, alert: fields, original: Buffer.from(`{"text":${JSON.stringify(name)}}`), ...changes };
}

/** A finished step of an incident's run. */
export function step(incidentId: string, actionKey: string, changes: Partial<FinishInput> = {}): FinishInput {
  return {
    chain: incidentId,
    incidentId,
    actionKey,
    action: 'lookup',
    status: 'ok',
    actor: 'playbook',
    failures: 0,
    durationMs: 12,
    at: NOW,
    body: { summary: 'Answered', detail: { result: actionKey } },
    ...changes,
  };
}

/** A report that states the given head of the incident's audit chain. */
export function reportOf(incidentId: string, version: number, changes: Partial<NewReport> = {}): NewReport {
  return {
    incidentId,
    version,
    ...{ html: '<p>', json: '{}', markdown: '#', headSeq: 1, headHash: '00'.repeat(32), at: NOW },
    ...{ author: 'playbook', reason: `Round ${version}`, verdict: 'unknown', status: 'open' },
    ...{ policy: 'a'.repeat(64), policyVersion: '7' },
    ...changes,
  };
}

/** One incident with `steps` finished steps, a raw document on the first. */
export async function incidentWithSteps(store: Store, name: string, steps: number): Promise<Accepted> {
  const accepted = await store.alerts.accept(submission(name));
  for (let number = 1; number <= steps; number += 1) {
    const raw =
      number === 1 ? { raw: { body: Buffer.from(`{"answer":"${name}"}`), mediaType: 'application/json' } } : {};
    await store.actions.finish(
      step(accepted.incidentId, `1/step-${number}`, { at: shift(NOW, number * 1000), ...raw }),
    );
  }
  return accepted;
}

/** The results of a call made `times` times at once. */
export function atOnce<T>(times: number, call: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, (_, index) => call(index)));
}
