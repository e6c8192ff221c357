import assert from 'node:assert/strict';
import { createGeoIp } from '../../activities/providers/geoip';
import { createIocs } from '../../activities/providers/iocs';
import { createVirusTotal } from '../../activities/providers/virustotal';
import type { Provider } from '../../activities/providers/provider';
import type { Ticket } from '../../db/repositories/quotas';
import type { Store } from '../../db/store';
import type { QuotaLimit } from '../../domain/quota';
import { TEST_KEY } from './system';
import type { TestSystem } from './system';

export interface LimitedProviders {
  virustotal?: readonly QuotaLimit[];
  geoip?: readonly QuotaLimit[];
  apiKey?: string;
  store?: Store;
}

/** The sources as a worker has them, asking the simulator, with quotas that a test can wait for. */
export function limitedProviders(system: TestSystem, given: LimitedProviders): Provider[] {
  const { url } = system.simulator;
  return [
    createIocs((given.store ?? system.store).iocs),
    createVirusTotal({ apiKey: given.apiKey ?? TEST_KEY, url, limits: given.virustotal ?? [] }),
    createGeoIp({ url, limits: given.geoip ?? [] }),
  ];
}

/** Longer than any test. */
const HELD_MS = 600_000;

/**
 * Takes every slot of a source, as requests do that are not answered yet, so that all who come have to wait.
 * @returns what ends those requests
 */
export async function holdSlots(
  system: TestSystem,
  provider: Provider,
  requests: number,
): Promise<() => Promise<void>> {
  const { quotas } = system.store;
  const { name, limits, credential } = provider;
  const incidentId = await system.accept({ source: 'holder', alert_type: 'brute_force', description: 'holds slots' });
  const tickets: Ticket[] = [];
  for (let index = 0; index < requests; index += 1) {
    const observable = `ip:192.0.2.${index}` as const;
    const admission = await quotas.admit({
      provider: name,
      limits,
      credential,
      observable,
      incidentId,
      leaseMs: HELD_MS,
    });
    assert.equal(admission.kind, 'go');
    if (admission.kind === 'go') tickets.push(admission.ticket);
  }
  return async () => {
    for (const ticket of tickets) await quotas.settle(ticket, limits, {});
  };
}
