import { DEFAULT_GUARD_POLICY, type GuardPolicy } from './guard-policy';
import type { Reliability } from './signal';

/** The verdict policy: every number that turns findings into a verdict. Stored by content hash. */
export interface Policy {
  /** Changes with the meaning of the scoring code, and is told with every verdict: the content alone does not tell that. */
  version: string;
  thresholds: { suspicious: number; malicious: number };
  reliability: Record<Reliability, number>;
  /** MISP polynomial decay, confidence·(1 − (t/τ)^(1/δ)); null = does not decay. */
  decay: Record<'network' | 'phishing_url', { tau_days: number; delta: number }> & { expired_below: number };
  /** Sources whose answer the benign verdict needs: for every looked-up observable, or only for the main one. */
  required: Record<string, 'all' | 'main'>;
  /**
   * Caps in weighted points: by kind of guard for all signals of one observable; `playbook` for all that playbooks read
   * from the alerts alone, which must not reach malicious.
   */
  caps: { benign: number; shared: number; playbook: number };
  /** Sources that give context and never a verdict: all their signals together add up to `cap` at most. */
  context: { sources: readonly string[]; cap: number };
  guards: GuardPolicy;
  /** The numbers of each source by its name; what they mean is the source's own affair. */
  sources: Readonly<Record<string, unknown>>;
}

export const DEFAULT_POLICY: Policy = {
  version: '4',
  thresholds: { suspicious: 30, malicious: 70 },
  reliability: { A: 1, B: 0.9, C: 0.75, D: 0.6, E: 0.4, F: 0.2 },
  decay: {
    network: { tau_days: 120, delta: 2 },
    phishing_url: { tau_days: 3, delta: 2.3 },
    expired_below: 30,
  },
  required: { iocs: 'all', virustotal: 'main' },
  caps: { benign: 15, shared: 60, playbook: 60 },
  context: { sources: ['geoip'], cap: 20 },
  guards: DEFAULT_GUARD_POLICY,
  sources: {},
};

/** The policy with the sources' own numbers in it, as a scoring round pins it. */
export function policyWith(policy: Policy, sources: readonly { name: string; policy: unknown }[]): Policy {
  const own = Object.fromEntries(sources.map((source) => [source.name, source.policy]));
  return { ...policy, sources: { ...own, ...policy.sources } };
}
