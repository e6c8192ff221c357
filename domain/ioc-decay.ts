import type { Policy } from './policy';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What decay needs to know of an entry of the IOC database. */
export interface Decaying {
  /** An observable type. */
  type: string;
  /** Base confidence, 0–100. */
  confidence: number;
  lastSeen: string;
  expiresAt?: string | null;
  sightings?: readonly { tags?: readonly string[] | null; confidence?: number; expires_at?: string | null }[];
}

function modelOf(ioc: Decaying, policy: Policy): { tau_days: number; delta: number } | undefined {
  if (['md5', 'sha1', 'sha256'].includes(ioc.type)) return undefined;
  const phishing = ioc.sightings?.some(({ tags }) => tags?.some((tag) => /phish/i.test(tag)));
  return ioc.type === 'url' && phishing ? policy.decay.phishing_url : policy.decay.network;
}

/**
 * What is left of an entry's confidence: base · (1 − (t/τ)^(1/δ)), t since it was last seen; hashes do not decay, their
 * content is fixed. 0 once it is past its own expiry or below the policy's limit. Rounded to one decimal.
 */
export function decayedConfidence(ioc: Decaying, policy: Policy, now: string): number {
  if (ioc.expiresAt && Date.parse(ioc.expiresAt) <= Date.parse(now)) return 0;
  const model = modelOf(ioc, policy);
  const days = Math.max(0, Date.parse(now) - Date.parse(ioc.lastSeen)) / DAY_MS;
  const left = model ? Math.max(0, 1 - (days / model.tau_days) ** (1 / model.delta)) : 1;
  const confidence = Math.round(ioc.confidence * left * 10) / 10;
  return confidence < policy.decay.expired_below ? 0 : confidence;
}

/** The base confidence without that of sightings which are past their expiry: another one does not prolong them. */
export function liveConfidence({ confidence, sightings = [] }: Decaying, now: string): number {
  const isOver = ({ expires_at: end }: (typeof sightings)[number]): boolean =>
    Boolean(end) && Date.parse(end ?? '') <= Date.parse(now);
  // facts hold the latest sightings only: the strongest one may not be among them
  if (!sightings.some((one) => isOver(one) && one.confidence === confidence)) return confidence;
  const live = sightings.filter((one) => !isOver(one));
  return live.length === 0 ? confidence : Math.max(...live.map((one) => one.confidence ?? 0));
}

/** `confirmed`, `dismissed`: an analyst has said so, and neither age nor sources change it. */
export type IocState = 'active' | 'expired' | 'confirmed' | 'dismissed';

export interface IocStanding {
  /** What counts of it today, 0–100. */
  confidence: number;
  state: IocState;
}

/** How an entry stands today: what an analyst says of it before what age has left of it. */
export function iocStanding(
  ioc: Decaying & { override?: { verdict: 'malicious' | 'benign' } | null },
  policy: Policy,
  now: string,
): IocStanding {
  if (ioc.override?.verdict === 'malicious') return { confidence: 100, state: 'confirmed' };
  if (ioc.override?.verdict === 'benign') return { confidence: 0, state: 'dismissed' };
  const confidence = decayedConfidence({ ...ioc, confidence: liveConfidence(ioc, now) }, policy, now);
  return { confidence, state: confidence > 0 ? 'active' : 'expired' };
}
