import type { Verdict } from '../../domain/verdict';
import { TRUTHS, type Truth } from '../case-schema';
import type { CaseOutcome } from '../result';

/** Where everything of the plot stands, in units of its own: 360 wide, so that a phone shows it one to one. */
export interface StripPlot {
  width: number;
  height: number;
  lanes: { truth: Truth; count: number; y: number; labelY: number; dots: Dot[] }[];
  thresholds: { name: string; x: number; labelX: number; anchor: 'start' | 'end'; score: number }[];
  ticks: { x: number; label: number }[];
  axisY: number;
  left: number;
  right: number;
}

interface Dot {
  x: number;
  y: number;
  verdict: Verdict;
  /** Filled when the verdict is the expected one. */
  key: 'right' | 'wrong';
  label: string;
}

const WIDTH = 360;
const LEFT = 10;
const RIGHT = 350;
const TOP = 16;
const STEP = 5;
const LABEL = 16;
const GAP = 10;
/** Scores that share a column, so that dots do not cover each other. */
const BIN = 2;

/** Every case as a dot over its score, one lane per truth, dots of one score piled up. Pure. */
export function stripPlot(
  cases: readonly CaseOutcome[],
  thresholds: { suspicious: number; malicious: number },
): StripPlot {
  let y = TOP;
  const lanes = TRUTHS.map((truth) => {
    const own = cases.filter((one) => one.truth === truth);
    const piles = pilesOf(own);
    const height = Math.max(3, ...[...piles.values()].map((pile) => pile.length)) * STEP;
    const labelY = y + 9;
    y += LABEL + height;
    const floor = y;
    y += GAP;
    return { truth, count: own.length, y: floor, labelY, dots: dotsOf(piles, floor) };
  });
  return {
    ...{ width: WIDTH, height: y + 14, lanes, left: LEFT, right: RIGHT, axisY: y },
    thresholds: (['suspicious', 'malicious'] as const).map((name) => thresholdOf(name, thresholds[name])),
    ticks: [0, 25, 50, 75, 100].map((label) => ({ label, x: xOf(label) })),
  };
}

function xOf(score: number): number {
  return round(LEFT + (score / 100) * (RIGHT - LEFT));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function thresholdOf(name: string, score: number): StripPlot['thresholds'][number] {
  const x = xOf(score);
  const anchor = score > 80 ? 'end' : 'start';
  return { name, score, x, labelX: anchor === 'end' ? x - 3 : x + 3, anchor };
}

/** Right ones at the bottom; each pile in the order of the cases otherwise. */
function pilesOf(cases: readonly CaseOutcome[]): Map<number, CaseOutcome[]> {
  const piles = new Map<number, CaseOutcome[]>();
  const isWrong = ({ expected, got }: CaseOutcome) => Number(expected !== got);
  for (const one of cases.toSorted((a, b) => isWrong(a) - isWrong(b))) {
    const bin = Math.floor(one.score / BIN) * BIN;
    piles.set(bin, [...(piles.get(bin) ?? []), one]);
  }
  return piles;
}

function dotsOf(piles: ReadonlyMap<number, readonly CaseOutcome[]>, floor: number): Dot[] {
  return [...piles].flatMap(([bin, pile]) =>
    pile.map(({ id, title, score, expected, got }, index) => ({
      x: xOf(bin),
      y: floor - STEP / 2 - index * STEP,
      verdict: got,
      key: expected === got ? ('right' as const) : ('wrong' as const),
      label: `${id}, ${title}: score ${score}, ${got}, expected ${expected}`,
    })),
  );
}
