import { defangAddresses, mapStrings, shortened, visible } from '../../activities/report/show';
import { VERDICT_SIGNS, VERDICT_WORDS } from '../../activities/report/words';
import { VERDICTS, type Verdict } from '../../domain/verdict';
import type { Change, Standing } from '../compare';
import { countOf, percent, type Metrics, type Ratio, type Target } from '../metrics';
import type { CaseOutcome, Evaluation, PolicyInfo, SetResult } from '../result';
import { stripPlot, type StripPlot } from './strip-plot';

/** Longest text of any place of the page: one case cannot bury the others. */
const MOST_CHARACTERS = 4_000;

export interface Page {
  policy: string;
  against: string | null;
  met: { key: 'met' | 'missed'; word: string };
  halves: { name: string; cases: number; agreement: string; targets: TargetLine[] }[];
  columns: string[];
  figures: { title: string; meaning: string; values: Figure[] }[];
  confusions: ConfusionTable[];
  /** One for each playbook, over all cases. */
  playbookConfusions: ConfusionTable[];
  verdicts: VerdictLabel[];
  playbooks: { name: string; bars: Bar[] }[];
  bars: string[];
  plot: StripPlot;
  changes: ChangeBlock[];
  /** How many cases changed, as a title. */
  changed: string;
  misses: CaseBlock[];
  rest: CaseBlock[];
}

interface TargetLine {
  key: 'met' | 'missed' | 'untold';
  sign: string;
  word: string;
  text: string;
  figure: string;
}

interface Figure {
  value: string;
  count: string;
}

interface ConfusionTable {
  name: string;
  rows: { expected: string; cells: { count: string; key: string }[] }[];
}

interface Bar extends Figure {
  /** 0–100. */
  width: number;
  key: 'good' | 'bad';
}

interface VerdictLabel {
  key: Verdict;
  word: string;
  sign: string;
}

interface StandingBlock {
  verdict: VerdictLabel;
  score: number;
  outcome: string;
  reason: string;
  explanation: string;
}

interface CaseBlock extends StandingBlock {
  id: string;
  title: string;
  place: string;
  truth: string;
  expected: VerdictLabel;
  why: string;
  missing: string[];
  ledger: string[];
}

interface ChangeBlock {
  id: string;
  title: string;
  expected: VerdictLabel;
  turn: { key: string; word: string };
  before: StandingBlock;
  after: StandingBlock;
  gone: string[];
  come: string[];
}

/** What the template shows: texts are made visible and harmless here; the template escapes them. Pure. */
export function pageOf(evaluation: Evaluation): Page {
  const { sets, overall, against, cases } = evaluation;
  const parts = [...sets, ...(sets.length > 1 ? [{ name: 'all cases', metrics: overall }] : [])];
  const page: Page = {
    policy: policyName(evaluation.policy),
    against: against && policyName(against.policy),
    met: evaluation.met
      ? { key: 'met', word: 'Every target is met' }
      : { key: 'missed', word: `${missedTargets(sets)} of the targets missed` },
    halves: sets.map(halfOf),
    columns: parts.map(({ name }) => name),
    figures: FIGURES.map(([title, meaning, figure]) => ({
      title,
      meaning,
      values: parts.map(({ metrics }) => figureOf(figure(metrics))),
    })),
    confusions: parts.map(confusionOf),
    playbookConfusions: evaluation.playbooks.map(({ name, metrics }) => confusionOf({ name: titleOf(name), metrics })),
    verdicts: VERDICTS.map(labelOf),
    bars: BARS.map(([title]) => title),
    playbooks: evaluation.playbooks.map(({ name, metrics }) => ({
      name: titleOf(name),
      bars: BARS.map(([, key, figure]) => barOf(key, figure(metrics))),
    })),
    plot: stripPlot(cases, evaluation.policy.thresholds),
    changes: (against?.changed ?? []).map(changeOf),
    changed: against?.changed.length === 1 ? '1 case changes' : `${against?.changed.length ?? 0} cases change`,
    misses: cases.filter(({ expected, got }) => expected !== got).map(caseOf),
    rest: cases.filter(({ expected, got }) => expected === got).map(caseOf),
  };
  return mapStrings(page, (text) => defangAddresses(visible(shortened(text, MOST_CHARACTERS))));
}

function titleOf(playbook: string): string {
  return playbook.replaceAll('_', ' ');
}

function policyName({ name, version, id }: PolicyInfo): string {
  return `${name}, version ${version} (${id.slice(0, 12)})`;
}

function missedTargets(sets: readonly SetResult[]): number {
  return sets.flatMap(({ targets }) => targets).filter(({ met }) => met === false).length;
}

function halfOf({ name, metrics, targets }: SetResult): Page['halves'][number] {
  const { cases, agreement } = metrics;
  return { name, cases, agreement: `${countOf(agreement)}, ${percent(agreement)}`, targets: targets.map(targetOf) };
}

function targetOf({ text, reached, met }: Target): TargetLine {
  const figure = met === null ? 'no case tells' : `${percent(reached)} (${countOf(reached)})`;
  if (met === null) return { key: 'untold', sign: '–', word: 'cannot be told', text, figure };
  return met
    ? { key: 'met', sign: '✓', word: 'met', text, figure }
    : { key: 'missed', sign: '✗', word: 'missed', text, figure };
}

type FigureOf = (metrics: Metrics) => Ratio;

const FIGURES: readonly [string, string, FigureOf][] = [
  ['As expected', 'verdict as labelled', ({ agreement }) => agreement],
  ['Precision', 'of what is called malicious, expected so', ({ precision }) => precision],
  ['Recall', 'of what is expected to be malicious, called so', ({ recall }) => recall],
  ['False positives', 'of the harmless, called malicious', ({ falsePositives }) => falsePositives],
  ['False alarms', 'of the harmless, called suspicious or malicious', ({ falseAlarms }) => falseAlarms],
  ['Called benign', 'of the harmful, called benign', ({ calledBenign }) => calledBenign],
  ['Closed wrongly', 'of the harmful, closed by the rules', ({ closedWrongly }) => closedWrongly],
  ['Unknown, as expected', 'of what is expected to stay unknown', ({ unknownAsExpected }) => unknownAsExpected],
  ['Unknown instead', 'of what has another expected verdict', ({ unknownInstead }) => unknownInstead],
];

const BARS: readonly [string, Bar['key'], FigureOf][] = [
  ['Precision', 'good', ({ precision }) => precision],
  ['Recall', 'good', ({ recall }) => recall],
  ['False positives', 'bad', ({ falsePositives }) => falsePositives],
];

function figureOf(ratio: Ratio): Figure {
  return { value: percent(ratio), count: ratio.of === 0 ? 'no case' : countOf(ratio) };
}

function barOf(key: Bar['key'], ratio: Ratio): Bar {
  return { ...figureOf(ratio), key, width: Math.round((ratio.value ?? 0) * 1000) / 10 };
}

/** Shades of the heat table. */
const SHADES = 5;

/** The share of its row gives the shade: rows have very different sums. */
function confusionOf({ name, metrics: { confusion } }: { name: string; metrics: Metrics }): ConfusionTable {
  const rows = VERDICTS.map((expected) => {
    const sum = VERDICTS.reduce((total, got) => total + confusion[expected][got], 0);
    const cells = VERDICTS.map((got) => {
      const count = confusion[expected][got];
      const shade = count === 0 ? 0 : Math.max(1, Math.ceil((count / sum) * SHADES));
      return { count: count === 0 ? '·' : String(count), key: `${got === expected ? 'right' : 'wrong'}-${shade}` };
    });
    return { expected: VERDICT_WORDS[expected], cells };
  });
  return { name, rows };
}

function labelOf(key: Verdict): VerdictLabel {
  return { key, word: VERDICT_WORDS[key], sign: VERDICT_SIGNS[key] };
}

function standingOf({ got, score, outcome, reason, explanation }: Standing): StandingBlock {
  return { verdict: labelOf(got), score, outcome: OUTCOMES[outcome], reason, explanation };
}

const OUTCOMES: Record<Standing['outcome'], string> = { close: 'closes', open: 'stays open', escalate: 'is escalated' };

function caseOf(one: CaseOutcome): CaseBlock {
  return {
    ...standingOf(one),
    id: one.id,
    title: one.title,
    place: `${one.set}, ${titleOf(one.playbook)}`,
    truth: one.truth,
    expected: labelOf(one.expected),
    why: one.why,
    missing: one.missing.map(
      ({ source, observable, state, reason }) => `${source} on ${observable}: ${state}; ${reason}`,
    ),
    ledger: one.ledger.map(({ text }) => text),
  };
}

function changeOf({ id, title, expected, turn, before, after, gone, come }: Change): ChangeBlock {
  const words = { better: 'now as expected', worse: 'no longer as expected' };
  return {
    ...{ id, title, gone, come },
    expected: labelOf(expected),
    turn: turn ? { key: turn, word: words[turn] } : { key: 'same', word: 'neither better nor worse' },
    before: standingOf(before),
    after: standingOf(after),
  };
}
