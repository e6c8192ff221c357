import type { Reliability } from '../../../domain/signal';

/** What AbuseIPDB's confidence is worth. */
export interface AbuseIpDbPolicy {
  /** Anybody may report, and nobody checks a report. */
  reliability: Reliability;
  /** Points by confidence (0–100): the last band whose `from` is reached counts. */
  bands: readonly { from: number; points: number }[];
  /** For being a Tor exit, whoever reported it. */
  tor_points: number;
}

export const ABUSEIPDB_POLICY: AbuseIpDbPolicy = {
  reliability: 'C',
  bands: [
    { from: 25, points: 10 },
    { from: 50, points: 25 },
    { from: 75, points: 40 },
    { from: 90, points: 50 },
  ],
  tor_points: 10,
};
