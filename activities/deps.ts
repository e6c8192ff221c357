import type { GuardSource } from '../config/guards';
import type { Logger } from '../config/logger';
import type { PolicySource, SiteSource } from '../config/site';
import type { Store } from '../db/store';
import type { Provider } from './providers/provider';
import type { Webhook } from './webhook';

/** What the activities need; only the worker's main constructs it. */
export interface ActivityDeps {
  store: Store;
  providers: readonly Provider[];
  policy: PolicySource;
  site: SiteSource;
  guards: GuardSource;
  logger: Logger;
  clock: () => Date;
  /** How long a provider that does not answer is retried, from the scheduling of its lookup, ms. */
  providerRetryForMs: number;
  /** Provider answers come from the simulator. */
  simulated: boolean;
  /** Links in reports and notices start with it. */
  publicUrl: string;
  /** Who is told of escalations; without it nothing is noted for anybody. */
  webhook?: Webhook | undefined;
}
