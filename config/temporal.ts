import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import type { Env } from './env';

/** Where and how to reach Temporal. TLS, API keys and profiles come from Temporal's own environment configuration. */
export function temporalConnection(env: Pick<Env, 'temporalAddress' | 'temporalNamespace'>): {
  connectionOptions: ClientConnectConfig['connectionOptions'];
  namespace: string;
} {
  const { connectionOptions } = loadClientConnectConfig();
  return {
    connectionOptions: { ...connectionOptions, address: env.temporalAddress },
    namespace: env.temporalNamespace,
  };
}
