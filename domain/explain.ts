import { observableId, type Observable } from './observable';
import type { Signal } from './signal';
import type { Assessment } from './verdict';

type Explained = Pick<Assessment, 'verdict' | 'score' | 'signals' | 'guards' | 'clean' | 'missing'> & {
  main: Observable | undefined;
  /** What nothing shows to be clean. */
  unshown: readonly Observable[];
  /** No source had anything to be asked about. */
  nothingAsked: boolean;
  /** Why not all that the alerts name was looked at, if so. */
  cut: string | undefined;
};

/** Reasons named in the sentence; the ledger has them all. */
const NAMED = 3;

const SOURCE_TITLES: Record<string, string> = {
  virustotal: 'VirusTotal',
  geoip: 'GeoIP',
  iocs: 'IOC database',
  playbook: '',
};

/** The name of a source as people know it. */
export function titleOfSource(source: string): string {
  return SOURCE_TITLES[source] ?? source;
}

function clause(signal: Signal): string {
  const title = titleOfSource(signal.source);
  const about =
    signal.source === 'playbook' || signal.observable === undefined ? '' : ` on ${valueOf(signal.observable)}`;
  const sentence = signal.sentence.replace(/\.$/, '');
  return title === '' ? sentence : `${title}${about}: ${sentence}`;
}

function valueOf(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}

function listed(items: readonly string[], separator = '; '): string {
  const shown = items.slice(0, NAMED).join(separator);
  return items.length > NAMED ? `${shown}${separator}and ${items.length - NAMED} more` : shown;
}

function guardClause({ guards, signals, main }: Explained): string[] {
  const said = new Set(signals.map(({ observable }) => observable));
  const applied = guards.find(
    (guard) => said.has(guard.observable) || (main && guard.observable === observableId(main)),
  );
  return applied
    ? [`${applied.reason} (list ${applied.list}, version ${applied.version}), which caps what counts`]
    : [];
}

function missingClause({ missing, nothingAsked }: Explained): string[] {
  const words = (some: Explained['missing']) =>
    listed(
      some.map(({ source, observable, state }) => `${titleOfSource(source)} on ${valueOf(observable)} (${state})`),
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

function unknownClause({ verdict, missing, unshown, clean, cut }: Explained): string[] {
  if (verdict !== 'unknown') return [];
  const mayCome = missing.some(({ state }) => state === 'waiting' || state === 'failed');
  const yet = mayCome ? 'nothing yet shows' : 'nothing shows';
  const values = unshown.map(({ value }) => value);
  const lacking = values.length > 0 ? [`${yet} ${listed(values, ', ')} to be clean`] : [];
  const none = lacking.length === 0 && clean.length === 0 ? [`${yet} it to be clean`] : [];
  return [...lacking, ...none, ...(cut === undefined ? [] : [cut])];
}

/** The verdict in one sentence: what it is, what makes it so, what caps it and what is missing. */
export function explain(explained: Explained): string {
  const { verdict, score, signals, clean } = explained;
  const reasons = signals.filter((signal) => signal.points > 0).map(clause);
  const parts = [
    ...(verdict === 'benign' ? [listed(clean)] : []),
    ...(reasons.length > 0 ? [listed(reasons)] : ['nothing speaks for harm']),
    ...(verdict === 'benign' ? [] : guardClause(explained)),
    ...unknownClause(explained),
    ...missingClause(explained),
  ];
  return `${verdict.charAt(0).toUpperCase()}${verdict.slice(1)}, ${score} of 100: ${parts.join('; ')}.`;
}
