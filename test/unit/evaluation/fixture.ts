import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PROJECT_ROOT } from '../../../config/home';
import { parseCase, type Case, type CaseResult } from '../../../evaluation/case';
import { metricsOf, targetsOf, type Scored } from '../../../evaluation/metrics';
import { compare } from '../../../evaluation/compare';
import type { CaseOutcome, Evaluation } from '../../../evaluation/result';
import { ALERT_TYPES } from '../../../domain/alert';

export const ADDRESS = '93.184.216.34';
const SITE = parse(readFileSync(join(PROJECT_ROOT, 'evaluation', 'site.yaml'), 'utf8')) as Record<string, unknown>;

/** VirusTotal's document on an address. */
export function onAddress(malicious: number, address = ADDRESS): Record<string, unknown> {
  const last_analysis_stats = { malicious, suspicious: 0, harmless: 60, undetected: 30, timeout: 0 };
  return {
    data: { id: address, type: 'ip_address', attributes: { last_analysis_stats, last_analysis_date: 1794900000 } },
  };
}

/** A case as it stands in a file: a few failed logins from one address, of which only VirusTotal says something. */
export function caseDocument(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 'made-up',
    title: 'A few failed logins',
    now: '2026-11-18T10:00:00Z',
    alerts: [{ source: 'vpn', alert_type: 'brute_force', src_ip: ADDRESS, username: 'jdoe', failed_attempts: 4 }],
    virustotal: { [`ip:${ADDRESS}`]: onAddress(0) },
    truth: 'benign',
    expected: 'benign',
    why: 'Nothing accuses the source.',
    ...change,
  };
}

export function parsed(document: unknown): CaseResult {
  return parseCase(document, { file: 'cases/mine.yaml', set: 'cases', index: 2 }, SITE);
}

export function caseWith(change: Record<string, unknown> = {}): Case {
  const result = parsed(caseDocument(change));
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.value;
}

export function scored(change: Partial<Scored> = {}): Scored {
  return {
    set: 'half',
    playbook: 'malware',
    truth: 'benign',
    expected: 'benign',
    got: 'benign',
    outcome: 'close',
    ...change,
  };
}

export function outcome(change: Partial<CaseOutcome> = {}): CaseOutcome {
  return {
    ...scored(),
    id: 'made-up',
    title: 'A case',
    file: 'cases/mine.yaml',
    why: 'Because.',
    score: 0,
    explanation: 'Benign, 0 of 100.',
    reason: 'The source is benign.',
    missing: [],
    ledger: [],
    ...change,
  };
}

export const POLICY = {
  name: 'default',
  version: '2',
  id: 'a'.repeat(64),
  thresholds: { suspicious: 30, malicious: 70 },
};

/** What an evaluation of these cases comes to, and what another one of the same cases was before. */
export function evaluation(cases: CaseOutcome[], before?: CaseOutcome[]): Evaluation {
  const partsOf = (some: CaseOutcome[]) =>
    ALERT_TYPES.map((name) => ({ name, metrics: metricsOf(some.filter(({ playbook }) => playbook === name)) })).filter(
      ({ metrics }) => metrics.cases > 0,
    );
  const sets = [...new Set(cases.map(({ set }) => set))].map((name) => {
    const own = cases.filter(({ set }) => set === name);
    const metrics = metricsOf(own);
    return { name, metrics, targets: targetsOf(metrics), playbooks: partsOf(own) };
  });
  return {
    policy: POLICY,
    overall: metricsOf(cases),
    met: sets.every(({ targets }) => targets.every(({ met }) => met !== false)),
    sets,
    playbooks: partsOf(cases),
    cases,
    against: before ? { policy: POLICY, overall: metricsOf(before), changed: compare(before, cases) } : null,
  };
}

const harmful = {
  truth: 'malicious',
  expected: 'malicious',
  got: 'malicious',
  outcome: 'escalate',
  score: 90,
} as const;
const open = { got: 'unknown', outcome: 'open', score: 10 } as const;

/** Two halves, all playbooks, and every kind of mistake. */
export const MANY: CaseOutcome[] = [
  outcome({ id: 'm1' }),
  outcome({ id: 'm2', ...open }),
  outcome({ id: 'm3', ...harmful }),
  outcome({ id: 'm4', ...harmful, ...open }),
  outcome({ id: 'b1', playbook: 'brute_force', got: 'suspicious', outcome: 'open', score: 40 }),
  outcome({ id: 'b2', playbook: 'brute_force', expected: 'unknown', ...open }),
  outcome({ id: 'p1', playbook: 'phishing', ...harmful }),
  outcome({ id: 's1', set: 'other', playbook: 'suspicious_ip', got: 'malicious', outcome: 'escalate', score: 75 }),
  outcome({ id: 'l1', set: 'other', playbook: 'lateral_movement', ...harmful, score: 99 }),
  outcome({ id: 'd1', set: 'other', playbook: 'data_exfil', ...harmful, got: 'benign', outcome: 'close', score: 3 }),
];
