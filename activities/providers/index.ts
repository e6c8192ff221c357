import { z } from 'zod';
import type { Variables } from '../../config/fields';
import { abuseIpDb } from './abuseipdb';
import { geoIp } from './geoip';
import { iocs } from './iocs';
import type { Provider, ProviderDefinition, ProviderDeps } from './provider';
import { virusTotal } from './virustotal';

/** Every source of evidence; a new one is one folder and one line here. */
const DEFINITIONS: readonly ProviderDefinition[] = [iocs, virusTotal, abuseIpDb, geoIp];

/** The environment variables of all of them. */
export const PROVIDER_VARIABLES: Variables = Object.fromEntries(
  DEFINITIONS.flatMap(({ variables }) => Object.entries(variables)),
);

/** @param settings values of {@link PROVIDER_VARIABLES} */
export function createProviders(settings: Record<string, unknown>, deps: ProviderDeps): Provider[] {
  return DEFINITIONS.map((definition) => definition.create(settings, deps));
}

/** Settings from texts as they stand in an environment, for those who have none; an empty one is not set. @throws ZodError */
export function providerSettings(variables: Record<string, string>): Record<string, unknown> {
  const given = Object.entries(variables).filter(([, value]) => value !== '');
  return z.object(PROVIDER_VARIABLES).parse(Object.fromEntries(given));
}
