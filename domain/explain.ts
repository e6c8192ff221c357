import { PLAYBOOK_SOURCE } from './combine';
import { INTERNAL } from './guards';
import { FILE_TYPES, observableId, parseObservableId, type Observable } from './observable';
import type { Signal } from './signal';
import { titleOfSource, type SourceProfile } from './source';
import type { Assessment, Guard } from './verdict';

type Explained = Pick<Assessment, 'verdict' | 'score' | 'signals' | 'guards' | 'clean' | 'missing'> & {
  main: Observable | undefined;
  /** What nothing shows to be clean. */
  unshown: readonly Observable[];
  /** No source had anything to be asked about. */
  nothingAsked: boolean;
  /** Why not all that the alerts name was looked at, if so. */
  cut: string | undefined;
  sources: readonly SourceProfile[];
};

/** Reasons named in the sentence; the ledger has them all. */
const NAMED = 3;

function clause(signal: Signal, sources: readonly SourceProfile[]): string {
  const sentence = signal.sentence.replace(/\.$/, '');
  if (signal.source === PLAYBOOK_SOURCE) return sentence;
  const about = signal.observable === undefined ? '' : ` on ${valueOf(signal.observable)}`;
  return `${titleOfSource(sources, signal.source)}${about}: ${sentence}`;
}

/** Enough of a hash to know it by in a sentence; whole it stands among the observables. */
const HASH_SHOWN = 12;

function valueOf(id: string): string {
  const { type, value } = parseObservableId(id);
  return FILE_TYPES.includes(type) ? `${value.slice(0, HASH_SHOWN)}…` : value;
}

function listed(items: readonly string[], separator = '; '): string {
  const shown = items.slice(0, NAMED).join(separator);
  return items.length > NAMED ? `${shown}${separator}and ${items.length - NAMED} more` : shown;
}

function guardClause({ guards, signals, main }: Explained): string[] {
  const said = new Set(signals.map(({ observable }) => observable));
  const isMain = ({ observable }: Guard) => main !== undefined && observable === observableId(main);
  // that an address is inside explains nothing where nobody has said anything of it
  const concerned = guards.filter((guard) => said.has(guard.observable) || (isMain(guard) && guard.list !== INTERNAL));
  const applied = concerned.find(({ kind }) => kind !== 'marks') ?? concerned[0];
  if (!applied) return [];
  const effect = applied.kind === 'marks' ? '' : ', which caps what counts';
  return [`${applied.reason} (list ${applied.list}, version ${applied.version})${effect}`];
}

function missingClause({ missing, nothingAsked, sources }: Explained): string[] {
  const words = (some: Explained['missing']) =>
    listed(
      some.map(
        ({ source, observable, state }) => `${titleOfSource(sources, source)} on ${valueOf(observable)} (${state})`,
      ),
      ', ',
    );
  const unasked = missing.filter(({ state }) => state === 'not_sent');
  const unanswered = missing.filter(({ state }) => state !== 'not_sent');
  return [
    ...(nothingAsked ? ['there was nothing to ask about'] : []),
    ...(unanswered.length > 0 ? [`no answer from ${words(unanswered)}`] : []),
    ...(unasked.length > 0 ? [`not asked: ${words(unasked)}`] : []),
  ];
}

function unknownClause({ verdict, missing, unshown, clean }: Explained): string[] {
  if (verdict !== 'unknown') return [];
  const mayCome = missing.some(({ state }) => state === 'waiting' || state === 'failed');
  const yet = mayCome ? 'nothing yet shows' : 'nothing shows';
  const values = unshown.map((one) => valueOf(observableId(one)));
  const lacking = values.length > 0 ? [`${yet} ${listed(values, ', ')} to be clean`] : [];
  const none = lacking.length === 0 && clean.length === 0 ? [`${yet} it to be clean`] : [];
  return [...lacking, ...none];
}

/** The verdict in one sentence: what it is, what makes it so, what caps it and what is missing. */
export function explain(explained: Explained): string {
  const { verdict, score, signals, clean, cut, sources } = explained;
  const reasons = signals.filter((signal) => signal.points > 0).map((signal) => clause(signal, sources));
  const parts = [
    ...(verdict === 'benign' ? [listed(clean)] : []),
    ...(reasons.length > 0 ? [listed(reasons)] : ['nothing speaks for harm']),
    ...(verdict === 'benign' ? [] : guardClause(explained)),
    ...unknownClause(explained),
    ...(cut === undefined ? [] : [cut]),
    ...missingClause(explained),
  ];
  return `${verdict.charAt(0).toUpperCase()}${verdict.slice(1)}, ${score} of 100: ${parts.join('; ')}.`;
}
