import type { GuardFolder } from '../config/guards';
import { isOlderVersion } from '../domain/guard-list';
import { GUARD_TABLE } from '../domain/guard-table';
import { messageOf } from './errors';
import { parseWarningList, type StoredList } from './guards-parse';
import type { WarningLists } from './guards-source';

/** A list that loses more than this part of its entries is kept as it was. */
const MOST_LOST = 0.5;

interface State {
  version: string;
  entries: number;
}

/** What an update makes of one list. */
export interface ListChange {
  name: string;
  outcome: 'new' | 'updated' | 'unchanged' | 'kept' | 'dropped' | 'not_taken';
  before: State | null;
  after: State | null;
  /** Why it is not what the source has. */
  note: string | null;
  /** True when somebody should look: the source lost or spoiled the list. */
  problem: boolean;
}

interface Merged {
  lists: StoredList[];
  changes: ListChange[];
}

const stateOf = (list: StoredList | undefined): State | null =>
  list ? { version: list.version, entries: list.entries.length } : null;

/** The lists that are held, in the form they are kept in. */
function heldLists(held: GuardFolder | undefined): Map<string, StoredList> {
  const leftOut = new Map(held?.manifest.lists.map((list) => [list.name, list.left_out]));
  const lists = held?.lists ?? [];
  return new Map(lists.map((list) => [list.name, { ...list, leftOut: leftOut.get(list.name) ?? 0 }]));
}

/** Why what the source has is not taken instead of what is held; undefined = it is taken. */
function objection(found: StoredList, before: StoredList): Pick<ListChange, 'note' | 'problem'> | undefined {
  const [had, has] = [before.entries.length, found.entries.length];
  if (has < had * (1 - MOST_LOST)) return { note: `the source has ${has} entries, ${had} before`, problem: true };
  if (!isOlderVersion(found.version, before.version)) return undefined;
  return { note: `the source has the older version ${found.version}`, problem: false };
}

function sameContent(a: StoredList, b: StoredList): boolean {
  const content = ({ version, title, match, attributes, entries }: StoredList) =>
    JSON.stringify([version, title, match, attributes, entries]);
  return content(a) === content(b);
}

/** One list: what is kept of it, and what is said about it. Undefined when neither side has it. */
function merge(
  name: string,
  before: StoredList | undefined,
  { documents, whole }: WarningLists,
  accepted: boolean,
): { kept: StoredList | undefined; change: ListChange } | undefined {
  const told = (
    outcome: ListChange['outcome'],
    kept: StoredList | undefined,
    note: string | null,
    problem = false,
  ) => ({
    kept,
    change: { name, outcome, before: stateOf(before), after: stateOf(kept), note, problem },
  });
  const unusable = (note: string, problem: boolean) => {
    if (before && accepted) return told('dropped', undefined, note);
    return told(before ? 'kept' : 'not_taken', before, note, problem);
  };
  const document = documents.get(name);
  if (!document) return before ? unusable('the source does not have it', whole) : undefined;
  let found: StoredList;
  try {
    found = parseWarningList(name, document);
  } catch (error) {
    return unusable(`the list of the source ${messageOf(error)}`, true);
  }
  if (found.entries.length === 0) return unusable('the list of the source is empty', before !== undefined);
  if (!before) return told('new', found, null);
  const against = accepted ? undefined : objection(found, before);
  if (against) return told('kept', before, against.note, against.problem);
  return sameContent(found, before) ? told('unchanged', before, null) : told('updated', found, null);
}

/**
 * Takes from the source what is newer and sound. A list that the source lost, spoiled or halved stays as it was: a guard
 * that is gone makes false alarms, quietly.
 * @param accepted names of lists that are taken, or dropped, all the same
 */
export function mergeLists(
  held: GuardFolder | undefined,
  found: WarningLists,
  accepted: ReadonlySet<string> = new Set(),
): Merged {
  const before = heldLists(held);
  const merged = Object.keys(GUARD_TABLE)
    .sort()
    .flatMap((name) => merge(name, before.get(name), found, accepted.has(name)) ?? []);
  return {
    lists: merged.flatMap(({ kept }) => kept ?? []),
    changes: merged.map(({ change }) => change),
  };
}
