import type { Reliability } from './signal';

/** Points by count of detections: the last band whose `from` is reached counts. */
export type Bands = readonly { from: number; points: number }[];

/** The verdict policy: every number that turns findings into a verdict. Stored by content hash. */
export interface Policy {
  /** Changes with the meaning of the scoring code, so that an old round is recomputed by what it was made with. */
  version: string;
  thresholds: { suspicious: number; malicious: number };
  reliability: Record<Reliability, number>;
  virustotal: { reliability: Reliability; file: Bands; network: Bands; stale_after_days: number; stale_factor: number };
  /** MISP polynomial decay, confidence·(1 − (t/τ)^(1/δ)); null = does not decay. */
  decay: Record<'network' | 'phishing_url', { tau_days: number; delta: number }> & { expired_below: number };
  iocs: { reliability: Reliability };
  /** Sources whose answer the benign verdict needs: for every looked-up observable, or only for the main one. */
  required: Record<string, 'all' | 'main'>;
  /**
   * Caps in weighted points: by kind of guard for all signals of one observable; `playbook` for all that playbooks read
   * from the alerts alone, which must not reach malicious.
   */
  caps: { benign: number; shared: number; playbook: number };
  /** Sources that give context and never a verdict: all their signals together add up to `cap` at most. */
  context: { sources: readonly string[]; cap: number };
}

export const DEFAULT_POLICY: Policy = {
  version: '1',
  thresholds: { suspicious: 30, malicious: 70 },
  reliability: { A: 1, B: 0.9, C: 0.75, D: 0.6, E: 0.4, F: 0.2 },
  virustotal: {
    reliability: 'A',
    file: [
      { from: 0.5, points: 5 },
      { from: 2, points: 15 },
      { from: 5, points: 35 },
      { from: 10, points: 60 },
      { from: 20, points: 75 },
    ],
    network: [
      { from: 0.5, points: 10 },
      { from: 3, points: 25 },
      { from: 5, points: 45 },
      { from: 10, points: 65 },
    ],
    stale_after_days: 90,
    stale_factor: 0.5,
  },
  decay: {
    network: { tau_days: 120, delta: 2 },
    phishing_url: { tau_days: 3, delta: 2.3 },
    expired_below: 30,
  },
  iocs: { reliability: 'B' },
  required: { iocs: 'all', virustotal: 'main' },
  caps: { benign: 15, shared: 60, playbook: 60 },
  context: { sources: ['geoip'], cap: 20 },
};
