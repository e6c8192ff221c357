import { z } from 'zod';
import type { ProviderName } from './faults';

const DAY_MS = 86_400_000;

const requests = z.number().int().min(1);
const limitSchema = z.strictObject({
  /** Requests per window. */
  perWindow: requests.optional(),
  /** Default a minute; tests make it shorter. */
  windowMs: z.number().int().min(10).max(DAY_MS).default(60_000),
  /** Requests per calendar day and month (UTC). */
  perDay: requests.optional(),
  perMonth: requests.optional(),
});
const limitsSchema = z.strictObject({
  virustotal: limitSchema.optional(),
  geoip: limitSchema.optional(),
  abuseipdb: limitSchema.optional(),
});

/** What the services allow; one that is not named has no limit. */
export type Limits = z.input<typeof limitsSchema>;
type Limit = z.output<typeof limitSchema>;
export type Period = 'window' | 'day' | 'month';

/** The limits of the real services' free plans. */
export const REAL_LIMITS: Limits = {
  virustotal: { perWindow: 4, perDay: 500, perMonth: 15_500 },
  geoip: { perWindow: 45 },
  abuseipdb: { perDay: 1000 },
};

/** Where a service stands after a request. */
export interface Standing {
  /** The period whose limit the request broke; undefined = it was within all. */
  over: Period | undefined;
  /** Allowed, and still left, in the shortest period that is limited; undefined without any limit. */
  tightest: { limit: number; left: number; endsInMs: number } | undefined;
}

export interface LimitKeeper {
  /** Replaces all limits; the counts begin anew. @throws ZodError */
  set(limits: unknown): void;
  /** Counts one request, unless it is refused. */
  take(provider: ProviderName): Standing;
  readonly limits: Limits;
  /** Requests refused, by provider. */
  readonly refused: Readonly<Partial<Record<ProviderName, number>>>;
}

/** @param clock ms since the epoch; default the real one */
export function createLimits(limits: unknown = {}, clock: () => number = Date.now): LimitKeeper {
  let given = limitsSchema.parse(limits);
  let meters: Partial<Record<ProviderName, Meter[]>> = {};
  let refused: Partial<Record<ProviderName, number>> = {};
  return {
    get limits() {
      return given;
    },
    get refused() {
      return refused;
    },
    set(wanted) {
      given = limitsSchema.parse(wanted);
      meters = {};
      refused = {};
    },
    take(provider) {
      const own = (meters[provider] ??= metersOf(provider, given[provider]));
      const now = clock();
      const broken = own.find((meter) => meter.left(now) === 0);
      if (broken) refused[provider] = (refused[provider] ?? 0) + 1;
      else for (const meter of own) meter.count(now);
      const told = broken ?? own[0];
      const tightest = told && { limit: told.limit, left: told.left(now), endsInMs: told.endsAt(now) - now };
      return { over: broken?.period, tightest };
    },
  };
}

/** Counts what one period holds. */
interface Meter {
  readonly period: Period;
  readonly limit: number;
  left(now: number): number;
  count(now: number): void;
  /** When the period is over, or the sliding window gives its oldest request back. */
  endsAt(now: number): number;
}

function metersOf(provider: ProviderName, limit: Limit | undefined): Meter[] {
  if (!limit) return [];
  const { perWindow, windowMs, perDay, perMonth } = limit;
  const windowOf = provider === 'geoip' ? fixedWindow : slidingWindow;
  return [
    ...(perWindow === undefined ? [] : [windowOf(perWindow, windowMs)]),
    ...(perDay === undefined ? [] : [calendar('day', perDay)]),
    ...(perMonth === undefined ? [] : [calendar('month', perMonth)]),
  ];
}

/** Never more than so many in any span of that length. */
function slidingWindow(limit: number, ms: number): Meter {
  let times: number[] = [];
  const within = (now: number) => (times = times.filter((time) => time > now - ms));
  return {
    period: 'window',
    limit,
    left: (now) => limit - within(now).length,
    count: (now) => void times.push(now),
    endsAt: (now) => (within(now)[0] ?? now) + ms,
  };
}

/** As ip-api.com counts: a window begins with its first request, and `X-Ttl` tells its end. */
function fixedWindow(limit: number, ms: number): Meter {
  let begun = Number.NEGATIVE_INFINITY;
  let counted = 0;
  const settle = (now: number) => {
    if (now >= begun + ms) [begun, counted] = [now, 0];
  };
  return {
    period: 'window',
    limit,
    left(now) {
      settle(now);
      return limit - counted;
    },
    count(now) {
      settle(now);
      counted += 1;
    },
    endsAt(now) {
      settle(now);
      return begun + ms;
    },
  };
}

function calendar(period: 'day' | 'month', limit: number): Meter {
  let begun: number | undefined;
  let counted = 0;
  const settle = (now: number) => {
    const start = startOf(period, now);
    if (start !== begun) [begun, counted] = [start, 0];
  };
  return {
    period,
    limit,
    left(now) {
      settle(now);
      return limit - counted;
    },
    count(now) {
      settle(now);
      counted += 1;
    },
    endsAt: (now) => startOf(period, startOf(period, now) + (period === 'day' ? 1 : 32) * DAY_MS),
  };
}

function startOf(period: 'day' | 'month', now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), period === 'day' ? date.getUTCDate() : 1);
}
