import type { GuardHit, GuardKind, GuardList } from './guard-list';
import { createNameSet, isAboveOwner, isItself } from './guard-names';
import { createRangeSet } from './guard-ranges';
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
}

interface Matcher {
  list: GuardList;
  find: (subject: GuardSubject) => string | undefined;
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
    return { list, find: ({ kind, text }) => (kind === 'address' ? ranges.holding(text) : undefined) };
  }
  const below = list.match !== 'string';
  const names = createNameSet(list.entries, below);
  return { list, find: ({ kind, text }) => (kind === 'name' || !below ? names.holding(text) : undefined) };
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

function matchesOf(subject: GuardSubject, matchers: readonly Matcher[]): Match[] {
  return matchers.flatMap(({ list, find }) => {
    if (!list.attributes.some((attribute) => subject.attributes.has(attribute))) return [];
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
    const { name, version, group } = match.list;
    const hit = { observable: observableId(observable), list: name, version, kind, entry: match.entry };
    return [{ ...hit, ...(group === undefined ? {} : { group }), reason: reasonOf(match, subject) }];
  });
  return hits.sort((a, b) => RANKS[a.kind] - RANKS[b.kind] || (a.list < b.list ? -1 : 1));
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
      const distinct = new Map<ObservableId, Observable>();
      for (const observable of observables) {
        const id = observableId(observable);
        if (!distinct.has(id)) distinct.set(id, observable);
      }
      return [...distinct.values()].flatMap((observable) => hitsOn(observable, matchers, mayBeKnown));
    },
  };
}
