import { createProviders, providerSettings } from '../../activities/providers';
import { DEFAULT_POLICY, policyWith } from '../../domain/policy';

/** The sources as a worker has them, none of which is asked. */
export const SOURCES = createProviders(providerSettings({ VIRUSTOTAL_API_KEY: 'a-key-that-is-never-sent' }), {
  store: { iocs: { lookup: () => Promise.resolve([]) } },
  simulated: false,
});

/** The default policy, complete as a round pins it. */
export const POLICY = policyWith(DEFAULT_POLICY, SOURCES);
