import { observableId, type Observable } from './observable';
import type { Signal } from './signal';
import type { Assessment } from './verdict';

type Explained = Pick<Assessment, 'verdict' | 'score' | 'signals' | 'guards' | 'clean' | 'missing'> & {
  main: Observable | undefined;
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

function listed(items: readonly string[]): string {
  const shown = items.slice(0, NAMED).join('; ');
  return items.length > NAMED ? `${shown}; and ${items.length - NAMED} more` : shown;
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

function missingClause({ missing }: Explained): string[] {
  if (missing.length === 0) return [];
  const words = missing.map(
    ({ source, observable, state }) => `${titleOfSource(source)} on ${valueOf(observable)} (${state})`,
  );
  return [`no answer from ${listed(words)}`];
}

function unknownClause({ verdict, clean, missing }: Explained): string[] {
  if (verdict !== 'unknown' || clean.length > 0) return [];
  return [missing.length > 0 ? 'nothing yet shows it to be clean' : 'nothing shows it to be clean'];
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
