import type { Store } from '../db/store';
import { DEFAULT_POLICY, type Policy } from '../domain/policy';
import { DEFAULT_SITE, type SiteKnowledge } from '../domain/site';
import type { Rules } from './judge';

/** Pins and recalls the policy and site knowledge of a round by content hash. */
export interface Versions {
  pin(policy: Policy, site: SiteKnowledge): Promise<{ policy: string; site: string }>;
  /** @throws when a version was never pinned: a round cannot be recomputed without it */
  recall(ids: { policy: string; site: string }): Promise<Rules>;
}

/** Versions never change once pinned, so each is written and read once per process. */
export function createVersions(store: Pick<Store, 'policies'>): Versions {
  const pinned = new WeakMap<object, Promise<string>>();
  const recalled = new Map<string, Promise<unknown>>();

  function remember<K>(
    map: {
      get(key: K): Promise<unknown> | undefined;
      set(key: K, value: Promise<never>): unknown;
      delete(key: K): unknown;
    },
    key: K,
    make: () => Promise<unknown>,
  ): Promise<unknown> {
    const known = map.get(key);
    if (known) return known;
    const made = make();
    map.set(key, made as Promise<never>);
    made.catch(() => map.delete(key));
    return made;
  }

  const pinOne = (kind: 'policy' | 'site', content: object) =>
    remember(pinned, content, () => store.policies.pin(kind, content)) as Promise<string>;

  const recallOne = (id: string) =>
    remember(recalled, id, async () => {
      const found = await store.policies.get(id);
      if (found === undefined) throw new Error(`Version ${id} was never pinned`);
      return found;
    });

  return {
    async pin(policy, site) {
      const [policyId, siteId] = await Promise.all([pinOne('policy', policy), pinOne('site', site)]);
      return { policy: policyId, site: siteId };
    },
    async recall(ids) {
      const [policy, site] = await Promise.all([recallOne(ids.policy), recallOne(ids.site)]);
      // a round that was pinned before something was added goes on with its default
      return {
        policy: { ...DEFAULT_POLICY, ...(policy as Policy) },
        policyId: ids.policy,
        site: { ...DEFAULT_SITE, ...(site as SiteKnowledge) },
        siteId: ids.site,
      };
    },
  };
}
