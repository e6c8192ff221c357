import { countOf, percent, type Metrics, type Ratio, type Target } from '../evaluation/metrics';
import {
  missesOf,
  type CaseOutcome,
  type Evaluation,
  type Part,
  type PolicyInfo,
  type SetResult,
} from '../evaluation/result';
import type { Change, Standing } from '../evaluation/compare';
import { VERDICTS, type Verdict } from '../domain/verdict';
import { verdictPaint, type Output } from './output';
import { renderList, type Column } from './table';
import { clean, plural } from './text';

/** How `soar eval` shows its figures: each half with its targets, then both together. */
export function showFigures(out: Output, evaluation: Evaluation, { playbooks = false } = {}): void {
  out.line(`${out.colours.bold('Policy')} ${policyName(evaluation.policy)}`);
  for (const set of evaluation.sets) showSet(out, set);
  if (evaluation.sets.length > 1) {
    out.line();
    out.line(out.colours.bold(`All ${plural(evaluation.overall.cases, 'case')}`));
    showTable(out, evaluation.playbooks, evaluation.overall);
  }
  if (playbooks) showPlaybooks(out, evaluation);
}

function policyName({ name, version, id }: PolicyInfo): string {
  return `${clean(name)}, version ${clean(version)} (${id.slice(0, 12)})`;
}

function showSet(out: Output, { name, metrics, targets, playbooks }: SetResult): void {
  out.line();
  out.line(out.colours.bold(`${clean(name)}: ${plural(metrics.cases, 'case')}`));
  showTable(out, playbooks, metrics);
  out.line();
  showConfusion(out, metrics);
  out.line();
  for (const target of targets) out.line(targetLine(out, target));
}

const FIGURES: readonly [string, (metrics: Metrics) => Ratio][] = [
  ['as expected', ({ agreement }) => agreement],
  ['precision', ({ precision }) => precision],
  ['recall', ({ recall }) => recall],
  ['FP rate', ({ falsePositives }) => falsePositives],
  ['false alarms', ({ falseAlarms }) => falseAlarms],
  ['harm closed', ({ closedWrongly }) => closedWrongly],
];

/** Of a few cases only the counts are told: a percentage of three says more than there is. */
function showTable(out: Output, playbooks: readonly Part[], all: Metrics): void {
  const titles = ['playbook', ...FIGURES.map(([title]) => title), 'unknown'];
  const columns = titles.map((title, index): Column => ({ title, align: index === 0 ? 'left' : 'right' }));
  const rowOf = ({ name, metrics }: Part) => [
    name,
    ...FIGURES.map(([, figure]) => fraction(figure(metrics))),
    String(givenUnknown(metrics)),
  ];
  const shares = FIGURES.map(([, figure]) => percent(figure(all)));
  const share = percent({ hits: 0, of: all.cases, value: all.cases === 0 ? null : givenUnknown(all) / all.cases });
  out.table(columns, [...playbooks.map(rowOf), rowOf({ name: 'all', metrics: all }), ['', ...shares, share]]);
}

/** How many came out unknown, expected so or not. */
function givenUnknown({ confusion }: Metrics): number {
  return VERDICTS.reduce((sum, expected) => sum + confusion[expected].unknown, 0);
}

function fraction({ hits, of }: Ratio): string {
  return of === 0 ? '–' : `${hits}/${of}`;
}

const GIVEN = VERDICTS.map((verdict): Column => ({ title: verdict, align: 'right' }));

function showConfusion(out: Output, metrics: Metrics): void {
  const rows = VERDICTS.map((expected) => [`expected ${expected}`, ...countsOf(metrics, expected)]);
  out.table([{ title: '' }, ...GIVEN], rows);
}

/** How often each verdict was given where one was expected. */
function countsOf({ confusion }: Metrics, expected: Verdict): string[] {
  return VERDICTS.map((got) => (confusion[expected][got] === 0 ? '·' : String(confusion[expected][got])));
}

/** What was expected and given in each playbook, over all halves; nothing of what no case expects. */
function showPlaybooks(out: Output, { playbooks }: Evaluation): void {
  const rows = playbooks.flatMap(({ name, metrics }) =>
    VERDICTS.filter((expected) => VERDICTS.some((got) => metrics.confusion[expected][got] > 0)).map(
      (expected, index) => [index === 0 ? name : '', expected, ...countsOf(metrics, expected)],
    ),
  );
  out.line();
  out.line(out.colours.bold('Expected and given verdicts by playbook'));
  out.table([{ title: 'playbook' }, { title: 'expected' }, ...GIVEN], rows);
}

function targetLine({ colours }: Output, { text, reached, met }: Target): string {
  const figures = `${countOf(reached)}${reached.of === 0 ? '' : `, ${percent(reached)}`}`;
  if (met === null) return `${colours.dim('–')} ${text}: no case tells`;
  return `${met ? colours.green('✓') : colours.red('✗')} ${text}: ${figures}`;
}

/** The cases whose verdict is not the expected one, with both reasons. */
export function showMisses(out: Output, evaluation: Evaluation): void {
  const misses = missesOf(evaluation);
  out.line();
  out.line(out.colours.bold(misses.length === 0 ? 'Every verdict is the expected one.' : 'Not as expected'));
  for (const miss of misses) showMiss(out, miss);
}

function showMiss(out: Output, miss: CaseOutcome): void {
  const paint = verdictPaint(out.colours);
  out.line();
  out.line(`${out.colours.bold(clean(miss.id))}  ${clean(miss.title)}`);
  const { expected, got, score, outcome, truth } = miss;
  out.line(`  expected ${paint(expected)}, got ${paint(got)} (score ${score}, ${outcome}); in truth ${truth}`);
  const rows = [
    ['why expected', clean(miss.why)],
    ['why got', clean(miss.explanation)],
    ['decided', clean(miss.reason)],
  ];
  for (const line of renderList(rows, { width: out.width, paints: [out.colours.dim] })) out.line(line);
}

/** What the measured policy changes from another one, and what made it so. */
export function showChanges(out: Output, { policy, overall, changed }: NonNullable<Evaluation['against']>): void {
  out.line();
  out.line(out.colours.bold(`Against ${policyName(policy)}: ${plural(changed.length, 'case')} changed`));
  out.line(`  it had ${countOf(overall.agreement)} as expected, recall ${percent(overall.recall)}`);
  for (const change of changed) showChange(out, change);
}

function showChange(out: Output, change: Change): void {
  const turn = { better: out.colours.green(' better'), worse: out.colours.red(' worse') };
  out.line();
  out.line(`${out.colours.bold(clean(change.id))}  ${clean(change.title)}${change.turn ? turn[change.turn] : ''}`);
  out.line(`  ${standing(out, change.before)} → ${standing(out, change.after)}; expected ${change.expected}`);
  const rows = [
    ['before', clean(change.before.explanation)],
    ['after', clean(change.after.explanation)],
    ...change.gone.map((text) => ['−', clean(text)]),
    ...change.come.map((text) => ['+', clean(text)]),
  ];
  for (const line of renderList(rows, { width: out.width, paints: [out.colours.dim] })) out.line(line);
}

function standing({ colours }: Output, { got, score, outcome }: Standing): string {
  return `${verdictPaint(colours)(got)} ${score} (${outcome})`;
}
