/** How bad the source says it is, mildest first. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Temporal priority key: 1 is served first. */
export function priorityOf(severity: Severity): number {
  return SEVERITIES.length - SEVERITIES.indexOf(severity);
}
