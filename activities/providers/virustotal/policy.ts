import type { Reliability } from '../../../domain/signal';

/** Points by count of detections: the last band whose `from` is reached counts. */
export type Bands = readonly { from: number; points: number }[];

/** What VirusTotal's counts are worth. */
export interface VirusTotalPolicy {
  reliability: Reliability;
  file: Bands;
  /** Addresses, domains and URLs. */
  network: Bands;
  /** Most points for a file that engines name as unwanted only (a toolbar, an advertiser). */
  unwanted_most: number;
  stale_after_days: number;
  /** What an analysis past its time still counts. */
  stale_factor: number;
}

export const VIRUSTOTAL_POLICY: VirusTotalPolicy = {
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
  unwanted_most: 55,
  stale_after_days: 90,
  stale_factor: 0.5,
};
