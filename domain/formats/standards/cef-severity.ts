import { bySteps, byWords, type Reading } from '../readings';

/** ArcSight's scale: 0–3 low, 4–6 medium, 7–8 high, 9–10 very high; or its words. */
export const byCefSeverity: Reading = [
  bySteps('cefSeverity', { low: 0, medium: 4, high: 7, critical: 9 }),
  byWords('cefSeverity', { 'very-high': 'critical', 'very high': 'critical' }),
];
