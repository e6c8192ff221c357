import type { Decision } from './incident';
import type { Severity } from './severity';
import type { SiteKnowledge } from './site';

const MINUTE_MS = 60_000;

/** When an incident is due, from the moment it came in. What closes itself is due to nobody. */
export function dueBy(
  { sla }: Pick<SiteKnowledge, 'sla'>,
  { severity, created_at }: { severity: Severity; created_at: string },
  { outcome }: Pick<Decision, 'outcome'>,
): Pick<Decision, 'due'> {
  if (outcome === 'close') return {};
  const after = (minutes: number) => new Date(Date.parse(created_at) + minutes * MINUTE_MS).toISOString();
  const { acknowledge, close } = sla[severity];
  return { due: { acknowledge: after(acknowledge), close: after(close) } };
}
