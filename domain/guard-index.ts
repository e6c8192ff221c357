import type { GuardHit, GuardKind, GuardList } from './guard-list';
import { createNameSet, isAboveOwner, isItself } from './guard-names';
import { createRangeSet, type RangeSet } from './guard-ranges';
import { guardSubject, type GuardSubject } from './guard-subjects';
import { SHARED_HOSTS } from './guard-table';
import { observableId, type Observable, type ObservableId } from './observable';

/** A list as people list it. */
export interface GuardListInfo {
  name: string;
  version: string;
  title: string;
  kind: GuardKind;
  group?: string;
  /** How many. */
  entries: number;
}

/** All lists, ready to be asked. Made once per process. */
export interface GuardIndex {
  lists: GuardListInfo[];
  /**
   * Which lists know the observables, in the order of the observables; of each, evidence of clean first. Never throws;
   * the time does not depend on how long the lists are.
   */
  hits(observables: readonly Observable[]): GuardHit[];
  /**
   * The reverse for ranges of addresses: which lists know something inside of them, those left out that only mark it, that
   * are of scattered machines, or that know the whole range. Nothing for what is no range.
   */
  inside(observables: readonly Observable[]): GuardHit[];
}

interface Matcher {
  list: GuardList;
  find: (subject: GuardSubject) => string | undefined;
  /** An entry that lies in a range. */
  within: (range: string) => string | undefined;
}

interface Match {
  list: GuardList;
  entry: string;
  /** False when the entry is only a parent of the name. */
  itself: boolean;
}

const RANKS: Record<GuardHit['kind'], number> = { benign: 0, shared: 1, marks: 2 };

function createMatcher(list: GuardList): Matcher {
  if (list.match === 'cidr') {
    const ranges = createRangeSet(list.entries);
    const find = ({ kind, text }: GuardSubject) => (kind === 'address' ? ranges.holding(text) : undefined);
    return { list, find, within: ranges.within };
  }
  const below = list.match !== 'string';
  const names = createNameSet(list.entries, below);
  const find = ({ kind, text }: GuardSubject) => (kind === 'name' || !below ? names.holding(text) : undefined);
  let addresses: RangeSet | undefined;
  const within = (range: string) => (below ? undefined : (addresses ??= createRangeSet(list.entries)).within(range));
  return { list, find, within };
}

/** Whether any list may know a subject: nearly all are on none, which one search says as well as one for each list. */
function createOutline(lists: readonly GuardList[]): (subject: GuardSubject) => boolean {
  const entries = (cidr: boolean) =>
    lists.filter(({ match }) => (match === 'cidr') === cidr).flatMap((list) => [...list.entries]);
  const ranges = createRangeSet(entries(true));
  const names = createNameSet(entries(false), true);
  return ({ kind, text }) =>
    names.holding(text) !== undefined || (kind === 'address' && ranges.holding(text) !== undefined);
}

function isAbout({ attributes }: GuardList, subject: GuardSubject): boolean {
  return attributes.some((attribute) => subject.attributes.has(attribute));
}

function matchesOf(subject: GuardSubject, matchers: readonly Matcher[]): Match[] {
  return matchers.flatMap(({ list, find }) => {
    if (!isAbout(list, subject)) return [];
    const entry = find(subject);
    if (entry === undefined) return [];
    return [{ list, entry, itself: subject.kind !== 'name' || isItself(subject.text, entry) }];
  });
}

/** What a match means among all the others; undefined = nothing. */
function kindOf(match: Match, subject: GuardSubject, all: readonly Match[]): GuardHit['kind'] | undefined {
  const kind = subject.link && match.list.kind === 'benign' ? 'shared' : match.list.kind;
  if (kind === 'marks' || kind === 'lifts') return 'marks';
  if (!subject.whole) return undefined;
  if (subject.kind !== 'name') return kind;
  if (all.some(({ list }) => list.kind === 'lifts')) return undefined;
  if (kind === 'benign' && all.some(({ list }) => list.group === SHARED_HOSTS)) return undefined;
  if (isAboveOwner(subject.text, match.entry)) return match.itself ? 'shared' : undefined;
  if (kind === 'shared') return kind;
  return match.itself ? 'benign' : 'shared';
}

function reasonOf({ list, entry, itself }: Match, { text }: GuardSubject): string {
  return itself ? `${text} is ${list.says}` : `${text} lies below ${entry}, ${list.says}`;
}

function hitsOn(
  observable: Observable,
  matchers: readonly Matcher[],
  mayBeKnown: (subject: GuardSubject) => boolean,
): GuardHit[] {
  const subject = guardSubject(observable);
  if (!subject || !mayBeKnown(subject)) return [];
  const all = matchesOf(subject, matchers);
  const hits = all.flatMap((match): GuardHit[] => {
    const kind = kindOf(match, subject, all);
    if (kind === undefined) return [];
    return [
      hitOf(match.list, { observable: observableId(observable), kind, entry: match.entry }, reasonOf(match, subject)),
    ];
  });
  return hits.sort((a, b) => RANKS[a.kind] - RANKS[b.kind] || (a.list < b.list ? -1 : 1));
}

function hitOf(
  { name, version, group }: GuardList,
  { observable, kind, entry }: Pick<GuardHit, 'observable' | 'kind' | 'entry'>,
  reason: string,
): GuardHit {
  return { observable, list: name, version, kind, entry, ...(group === undefined ? {} : { group }), reason };
}

/** What lists know inside of a range: it is no evidence of clean for the whole, only a reason to be careful. */
function hitsInside(observable: Observable, matchers: readonly Matcher[]): GuardHit[] {
  const subject = guardSubject(observable);
  if (subject?.kind !== 'address' || !subject.text.includes('/')) return [];
  const hits = matchers.flatMap(({ list, find, within }) => {
    if (list.kind === 'marks' || list.kind === 'lifts' || list.scattered || !isAbout(list, subject)) return [];
    const entry = find(subject) === undefined ? within(subject.text) : undefined;
    if (entry === undefined) return [];
    const reason = `${subject.text} holds ${entry}, which is ${list.says}`;
    return [hitOf(list, { observable: observableId(observable), kind: 'shared', entry }, reason)];
  });
  return hits.sort((a, b) => (a.list < b.list ? -1 : 1));
}

function distinct(observables: readonly Observable[]): Observable[] {
  const each = new Map<ObservableId, Observable>();
  for (const observable of observables) {
    const id = observableId(observable);
    if (!each.has(id)) each.set(id, observable);
  }
  return [...each.values()];
}

/** Makes the lists ready to be asked; of two lists of one name the first counts. */
export function createGuardIndex(lists: readonly GuardList[]): GuardIndex {
  const byName = new Map([...lists].reverse().map((list) => [list.name, list]));
  const matchers = [...byName.values()].map(createMatcher);
  const mayBeKnown = createOutline([...byName.values()]);
  const info = [...byName.values()].map(({ name, version, title, kind, group, entries }) => ({
    ...{ name, version, title, kind, entries: entries.length },
    ...(group === undefined ? {} : { group }),
  }));
  return {
    lists: info.sort((a, b) => (a.name < b.name ? -1 : 1)),
    hits(observables) {
      return distinct(observables).flatMap((observable) => hitsOn(observable, matchers, mayBeKnown));
    },
    inside(observables) {
      return distinct(observables).flatMap((observable) => hitsInside(observable, matchers));
    },
  };
}
