import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PROJECT_ROOT } from '../../../config/home';
import { parseCase, type Case, type CaseResult } from '../../../evaluation/case';
import type { Scored } from '../../../evaluation/metrics';
import type { CaseOutcome } from '../../../evaluation/result';

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
