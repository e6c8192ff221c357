import { PLAYBOOK_SOURCE } from './combine';
import { EARLIER_SOURCE } from './earlier';
import type { Decision } from './incident';
import { titleOfSource, type SourceProfile } from './source';
import type { Assessment, LedgerLine } from './verdict';

/** A judgement and what was decided on it. */
export interface Judged {
  assessment: Assessment;
  decision: Pick<Decision, 'outcome' | 'reason'>;
}

export interface Comparison {
  /** False when verdict, score, completeness and decision are the same, whatever led there. */
  differs: boolean;
  /** What makes the difference, in a sentence or two. */
  why: string;
}

/** Differences named in the sentence; the assessments have them all. */
const NAMED = 4;
/** An observable may be a very long link. */
const LONGEST_LABEL = 160;

/** Compares two judgements of one case: whether anything came out differently, and by what. Pure. */
export function compareJudged(before: Judged, after: Judged, sources: readonly SourceProfile[]): Comparison {
  const differs =
    before.assessment.verdict !== after.assessment.verdict ||
    before.assessment.score !== after.assessment.score ||
    before.assessment.complete !== after.assessment.complete ||
    before.decision.outcome !== after.decision.outcome;
  return { differs, why: differs ? whyOf(before, after, sources) : '' };
}

function whyOf(before: Judged, after: Judged, sources: readonly SourceProfile[]): string {
  const [old, now] = [before.assessment, after.assessment];
  const numbers = KINDS.flatMap((kind) => changed(kind, old, now, sources));
  const found = [...numbers, ...missingChanges(old, now, sources), ...cleanChanges(old, now)];
  const shown = found.slice(0, NAMED).join('; ');
  const more = found.length > NAMED ? `; and ${found.length - NAMED} more` : '';
  const first = shown === '' ? 'The same evidence is read otherwise' : `${shown}${more}`;
  const second = before.decision.outcome === after.decision.outcome ? '' : ` ${sentence(after.decision.reason)}`;
  return `${sentence(first)}${second}`;
}

function sentence(text: string): string {
  const full = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(full) ? full : `${full}.`;
}

/** A number of the ledger, and what it is the number of. */
interface Entry {
  key: string;
  label: string;
  value: number;
}

/** One kind of comparison in the ledger, and how a difference between two ledgers is told. */
interface Kind {
  /** Whether the line is of this kind, readable or not. */
  has(line: LedgerLine): boolean;
  /** Undefined for what the line does not tell, as in lines of before. */
  read(line: LedgerLine, sources: readonly SourceProfile[]): Entry | undefined;
  other(label: string, now: number, before: number): string;
  added(label: string, now: number): string;
  gone(label: string, before: number): string;
}

const contributions: Kind = {
  has: ({ rule }) => rule === 'contribution',
  read({ numbers, of }, sources) {
    if (of?.source === undefined || numbers.weighted === undefined) return undefined;
    const { name, source, observable } = of;
    const own = source === PLAYBOOK_SOURCE;
    const known = source === EARLIER_SOURCE ? 'the record of earlier incidents' : titleOfSource(sources, source);
    const who = own ? `the playbook’s ${name.replaceAll('_', ' ')}` : known;
    return {
      // of a source only the strongest counts, whatever it is called
      key: [source, observable ?? '', own ? name : ''].join(' '),
      label: observable === undefined ? who : `${who} on ${shortened(observable)}`,
      value: numbers.weighted,
    };
  },
  other: (label, now, before) => `${label} counts ${now} (was ${before})`,
  added: (label, now) => `${label} counts ${now} (was not counted)`,
  gone: (label, before) => `${label} no longer counts (was ${before})`,
};

const guards: Kind = {
  // those that only mark cap nothing
  has: ({ rule, numbers }) => rule.startsWith('guard:') && numbers.cap !== undefined,
  read({ numbers, of }) {
    if (of?.observable === undefined || numbers.cap === undefined) return undefined;
    const label = `the list ${of.name} on ${shortened(of.observable)}`;
    return { key: `${of.name} ${of.observable}`, label, value: numbers.cap };
  },
  other: (label, now, before) => `${label} allows ${now} (was ${before})`,
  added: (label, now) => `${label} allows ${now} (was not on it)`,
  gone: (label, before) => `${label} no longer allows only ${before}`,
};

const thresholds: Kind = {
  has: ({ rule }) => rule.startsWith('threshold:'),
  read({ rule, numbers }) {
    if (numbers.threshold === undefined) return undefined;
    const label = rule.slice('threshold:'.length);
    return { key: label, label, value: numbers.threshold };
  },
  other: (label, now, before) => `${label} from ${now} (was ${before})`,
  added: (label, now) => `${label} from ${now}`,
  gone: (label) => `${label} has no threshold any more`,
};

const pools: Kind = {
  has: ({ rule }) => rule === 'pool',
  read({ numbers, of }) {
    if (of === undefined || numbers.cap === undefined) return undefined;
    return { key: of.name, label: of.name, value: numbers.cap };
  },
  other: (label, now, before) => `${label} may count ${now} together (was ${before})`,
  added: (label, now) => `${label} is cut to ${now}`,
  gone: (label, before) => `${label} is no longer cut to ${before}`,
};

const KINDS = [contributions, guards, thresholds, pools];

/** What a ledger says of one kind; undefined when not all of it can be read: what is not read is not absent. */
function entriesOf(
  kind: Kind,
  { ledger }: Assessment,
  sources: readonly SourceProfile[],
): Map<string, Entry> | undefined {
  const entries = new Map<string, Entry>();
  for (const line of ledger.filter((one) => kind.has(one))) {
    const entry = kind.read(line, sources);
    if (!entry) return undefined;
    entries.set(entry.key, entry);
  }
  return entries;
}

function changed(kind: Kind, old: Assessment, now: Assessment, sources: readonly SourceProfile[]): string[] {
  const [before, after] = [entriesOf(kind, old, sources), entriesOf(kind, now, sources)];
  if (!before || !after) return [];
  const kept = [...after.values()].flatMap(({ key, label, value }) => {
    const was = before.get(key)?.value;
    if (was === undefined) return [kind.added(label, value)];
    return was === value ? [] : [kind.other(label, value, was)];
  });
  const lost = [...before.values()].filter(({ key }) => !after.has(key));
  return [...kept, ...lost.map(({ label, value }) => kind.gone(label, value))];
}

function missingChanges(old: Assessment, now: Assessment, sources: readonly SourceProfile[]): string[] {
  const labelsOf = ({ missing }: Assessment) =>
    new Map(
      missing.map(({ source, observable, state }) => [
        `${titleOfSource(sources, source)} on ${shortened(observable)}`,
        state.replaceAll('_', ' '),
      ]),
    );
  const [before, after] = [labelsOf(old), labelsOf(now)];
  const lacking = [...after].flatMap(([label, state]) => {
    const was = before.get(label);
    if (was === state) return [];
    return [`${label} is missing (${state}${was === undefined ? '' : `, was ${was}`})`];
  });
  return [
    ...lacking,
    ...[...before.keys()].filter((label) => !after.has(label)).map((label) => `${label} is not missed`),
  ];
}

function cleanChanges(old: Assessment, now: Assessment): string[] {
  const added = now.clean.filter((text) => !old.clean.includes(text));
  const gone = old.clean.filter((text) => !now.clean.includes(text));
  return [
    ...gone.map((text) => `no longer evidence of clean: ${shortened(text)}`),
    ...added.map((text) => `evidence of clean: ${shortened(text)}`),
  ];
}

function shortened(text: string): string {
  const characters = [...text];
  return characters.length <= LONGEST_LABEL ? text : `${characters.slice(0, LONGEST_LABEL - 1).join('')}…`;
}
