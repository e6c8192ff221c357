import type { CaseOutcome } from './result';

/** What one policy makes of a case. */
export type Standing = Pick<CaseOutcome, 'got' | 'score' | 'outcome' | 'reason' | 'explanation'>;

/** A case that another policy judges otherwise, and why. */
export interface Change extends Pick<CaseOutcome, 'id' | 'title' | 'truth' | 'expected'> {
  /** Which of them differ. */
  what: ('verdict' | 'score' | 'decision')[];
  before: Standing;
  after: Standing;
  /** Whether the expected verdict was lost or won; null when neither. */
  turn: 'better' | 'worse' | null;
  /** Lines of the ledger that only the one or only the other has. */
  gone: string[];
  come: string[];
}

/** The cases that differ in verdict, score or decision, in their order. Both lists hold the same cases. */
export function compare(before: readonly CaseOutcome[], after: readonly CaseOutcome[]): Change[] {
  const byId = new Map(before.map((one) => [one.id, one]));
  return after.flatMap((now) => {
    const then = byId.get(now.id);
    const what = then ? differences(then, now) : [];
    return then && what.length > 0 ? [changeOf(then, now, what)] : [];
  });
}

function differences(then: CaseOutcome, now: CaseOutcome): Change['what'] {
  return [
    ...(then.got === now.got ? [] : ['verdict' as const]),
    ...(then.score === now.score ? [] : ['score' as const]),
    ...(then.outcome === now.outcome ? [] : ['decision' as const]),
  ];
}

function changeOf(then: CaseOutcome, now: CaseOutcome, what: Change['what']): Change {
  const { id, title, truth, expected } = now;
  const texts = ({ ledger }: CaseOutcome) => ledger.map(({ text }) => text);
  const [thenSaid, nowSaid] = [new Set(texts(then)), new Set(texts(now))];
  return {
    ...{ id, title, truth, expected, what },
    before: standingOf(then),
    after: standingOf(now),
    turn: turnOf(then.got === expected, now.got === expected),
    gone: [...thenSaid].filter((text) => !nowSaid.has(text)),
    come: [...nowSaid].filter((text) => !thenSaid.has(text)),
  };
}

function turnOf(wasRight: boolean, isRight: boolean): Change['turn'] {
  if (wasRight === isRight) return null;
  return isRight ? 'better' : 'worse';
}

function standingOf({ got, score, outcome, reason, explanation }: CaseOutcome): Standing {
  return { got, score, outcome, reason, explanation };
}
