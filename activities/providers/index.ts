import { createGeoIp } from './geoip';
import { createIocs, type IocSource } from './iocs';
import type { Provider } from './provider';
import { createVirusTotal } from './virustotal';

export interface ProviderDeps {
  store: { iocs: IocSource };
  virustotal: { apiKey: string | undefined; url: string };
  geoip: { url: string };
  /** The answers come from a simulator, and are to say so. */
  simulated: boolean;
}

/** Every source of evidence; a new one is one folder and one line here. */
export function createProviders({ store, virustotal, geoip, simulated }: ProviderDeps): Provider[] {
  return [createIocs(store.iocs), createVirusTotal({ ...virustotal, simulated }), createGeoIp({ ...geoip, simulated })];
}
