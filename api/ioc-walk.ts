import type { IocFilter, IocVerdict, IocView } from '../db/ioc-views';
import { TLP_LABELS, type Tlp } from '../domain/alert';
import type { IocState } from '../domain/ioc-decay';
import type { ApiDeps } from './deps';
import { standingIocs, type Judges, type StandingIoc } from './ioc-shown';

/** Which entries are wanted. What MySQL knows nothing of, since it is a matter of today, is looked at one by one. */
export interface IocWish extends Omit<IocFilter, 'verdict'> {
  /** What is left of it today, 0–100. */
  min_confidence?: number | undefined;
  /** Since it was last seen. */
  max_age_days?: number | undefined;
  /** Only what may be told at that label: what sources say of a value under a stricter one is left out. */
  tlp?: Tlp | undefined;
  states?: readonly IocState[] | undefined;
  flagged?: boolean | undefined;
}

type WalkDeps = Judges & { store: Pick<ApiDeps['store'], 'iocs'> };

const DAY_MS = 86_400_000;
/** Entries that are read at once. */
const STRETCH = 500;
/** Entries that one page looks at: of a rare kind it has fewer than were asked for, and a cursor to go on with. */
const BUDGET = 20_000;

export interface IocPage {
  items: StandingIoc[];
  /** Id below which to go on; null behind the last entry. */
  next: number | null;
}

/** Some of the entries that are wanted, newest first. */
export async function iocPage(
  wish: IocWish & { below: number | undefined; limit: number },
  deps: WalkDeps,
): Promise<IocPage> {
  const { below, limit } = wish;
  const items: StandingIoc[] = [];
  let looked = 0;
  for await (const stretch of iocStretches(wish, deps, { below, stretch: Math.min(STRETCH, limit + 1) })) {
    items.push(...stretch.wanted);
    if (items.length > limit) return { items: items.slice(0, limit), next: items[limit - 1]?.view.id ?? null };
    looked += stretch.ids.length;
    if (looked >= BUDGET) return { items, next: stretch.ids.at(-1) ?? null };
  }
  return { items, next: null };
}

/** All entries that are wanted, newest first, as many at once as are read at once; none that all have taken back. */
export async function* wantedIocs(wish: IocWish, deps: WalkDeps): AsyncGenerator<StandingIoc[]> {
  for await (const stretch of iocStretches(wish, deps, { below: undefined, stretch: STRETCH })) {
    yield stretch.wanted.filter(({ told }) => told);
  }
}

interface Stretch {
  wanted: StandingIoc[];
  /** Of all that were looked at. */
  ids: number[];
}

async function* iocStretches(
  wish: IocWish,
  deps: WalkDeps,
  { below, stretch }: { below: number | undefined; stretch: number },
): AsyncGenerator<Stretch> {
  const now = deps.clock().toISOString();
  const { type, source, tag } = wish;
  const verdict = verdictOf(wish.states);
  for (let from = below, limit = stretch; ; limit = STRETCH) {
    const views = await deps.store.iocs.walk({ type, source, tag, verdict, below: from, limit });
    const told = views.flatMap((view) => toldAt(view, wish.tlp) ?? []);
    const entries = standingIocs(told, deps, now);
    yield { wanted: entries.filter((entry) => isWanted(entry, wish, now)), ids: views.map(({ id }) => id) };
    if (views.length < limit) return;
    from = views.at(-1)?.id;
  }
}

const SAID: Partial<Record<IocState, IocVerdict>> = { confirmed: 'malicious', dismissed: 'benign' };

/** What an analyst must have said, where only that is wanted: MySQL finds it, however rare it is. */
function verdictOf(states: IocWish['states']): IocVerdict | undefined {
  const [state, ...others] = states ?? [];
  return state === undefined || others.length > 0 ? undefined : SAID[state];
}

/** Without what is under a stricter label; what has none counts as clear. Nothing of an entry that is all under such. */
function toldAt(view: IocView, most: Tlp | undefined): IocView | undefined {
  if (most === undefined) return view;
  const allowed: readonly (string | null)[] = [null, ...TLP_LABELS.slice(0, TLP_LABELS.indexOf(most) + 1)];
  const sightings = view.sightings.filter(({ tlp }) => allowed.includes(tlp));
  return sightings.length === 0 && view.sightings.length > 0 ? undefined : { ...view, sightings };
}

function isWanted({ match, confidence, state, warnings }: StandingIoc, wish: IocWish, now: string): boolean {
  const { min_confidence, max_age_days, states, flagged } = wish;
  if (states !== undefined && !states.includes(state)) return false;
  if (flagged !== undefined && warnings.flagged !== flagged) return false;
  if (min_confidence !== undefined && confidence < min_confidence) return false;
  if (max_age_days === undefined) return true;
  return Date.parse(match.lastSeen) >= Date.parse(now) - max_age_days * DAY_MS;
}
