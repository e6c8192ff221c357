import type { Severity } from './severity';

/** The level a signal is shown with, by its points after the source's reliability is applied. */
export function levelOf(weightedPoints: number): Severity {
  if (weightedPoints >= 70) return 'critical';
  if (weightedPoints >= 40) return 'high';
  if (weightedPoints >= 15) return 'medium';
  return 'low';
}
