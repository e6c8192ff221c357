import type { EnrichmentView, IncidentView } from '../../db/views';
import type { TestSystem } from './system';
import { settled } from './system';

let alerts = 0;

/** A failed login from that address: an alert of its own, about which each source is asked one question. */
export function alertOn(address: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  alerts += 1;
  const alert = { source: 'fw', alert_id: `question-${alerts}`, alert_type: 'brute_force', severity: 'high' };
  return { ...alert, src_ip: address, ...changes };
}

/** What a source said of the one thing that it was asked about. */
export function answerOf({ id, enrichments }: IncidentView, source: string): EnrichmentView {
  const found = enrichments.find((one) => one.source === source);
  if (!found) throw new Error(`${source} was not asked for ${id}`);
  return found;
}

/** A provisional round is over, and VirusTotal's answer is waited for. */
export const awaitsVirusTotal = (incident: IncidentView): boolean =>
  settled(incident) && incident.enrichments.some(({ source, state }) => source === 'virustotal' && state === 'waiting');

/** A round is over, and nothing is waited for. */
export const isFinal = (incident: IncidentView): boolean =>
  incident.verdict_state === 'final' && incident.audit.at(-1)?.action === 'conclude';

/** Paths that a provider was asked for, of those that name the address. */
export function sentTo({ simulator }: Pick<TestSystem, 'simulator'>, provider: string, address = ''): string[] {
  return simulator
    .requests()
    .filter((request) => request.provider === provider && request.path.split('?')[0]?.endsWith(address))
    .map(({ path }) => path);
}
