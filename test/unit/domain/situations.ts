import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { About, Told } from '../../../domain/about';
import type { Alert, AlertType } from '../../../domain/alert';
import type { EarlierIncident } from '../../../domain/earlier';
import type { ObservableId } from '../../../domain/observable';
import type { CaseFacts, OwnSignal } from '../../../domain/playbook';
import { playbookFor } from '../../../domain/playbooks';
import type { SiteKnowledge } from '../../../domain/site';
import { caseOf, SITE } from './cases';

/** What a playbook looks at: alerts, and what is known beside them. */
export interface Situation {
  alerts: Partial<Alert> | Partial<Alert>[];
  site?: Partial<SiteKnowledge>;
  told?: Told[];
  earlier?: EarlierIncident[];
}

/** What one own signal tells of, and the nearest situations in which it must be silent, by what is otherwise in them. */
export interface OwnSignalCase {
  signal: string;
  points: number;
  says: RegExp;
  when: Situation;
  /** The row that it rests on; by default the scoring step's. */
  evidence?: string;
  not: Record<string, Situation>;
}

export function factsOf({ alerts, site = {}, told = [], earlier = [] }: Situation): CaseFacts {
  return { ...caseOf(alerts, { ...SITE, ...site }), told, earlier };
}

export function tells(observable: string, about: About, source = 'geoip'): Told {
  return { ...about, source, observable: observable as ObservableId, evidence: `1/${source}/${observable}` };
}

/** An incident of the same day that shares these, and is held to be harm unless said otherwise. */
export function before(shares: string | string[], change: Partial<EarlierIncident> = {}): EarlierIncident {
  return {
    id: 'INC-1',
    alert_type: 'malware',
    verdict: 'malicious',
    resolution: null,
    at: '2026-11-23T08:00:00.000000Z',
    shares: [shares].flat() as ObservableId[],
    hosts: [],
    ...change,
  };
}

function named(type: AlertType, situation: Situation, name: string): OwnSignal[] {
  return playbookFor(type)
    .signals(factsOf(situation))
    .filter((own) => own.name === name);
}

/** One test for what the signal says, and one for each situation in which it says nothing. */
export function checkSignals(type: AlertType, cases: readonly OwnSignalCase[]): void {
  for (const { signal, points, says, when, evidence, not } of cases) {
    test(`${type}: ${signal} counts ${points} and names the fact ${says.source}`, () => {
      const found = named(type, when, signal);
      assert.deepEqual(
        found.map((own) => own.points),
        [points],
      );
      assert.match(found[0]?.sentence ?? '', says);
      assert.equal(found[0]?.evidence, evidence);
    });
    for (const [otherwise, situation] of Object.entries(not)) {
      test(`${type}: no ${signal} with ${otherwise}`, () => assert.deepEqual(named(type, situation, signal), []));
    }
  }
}

/** That what was judged before counts, by what is shared with it; the same for every playbook but in what ties. */
export function checkEarlierAlarm(
  type: AlertType,
  points: number,
  alerts: Situation['alerts'],
  ties: string,
  no: string,
): void {
  const told = new RegExp(`${ties.slice(ties.indexOf(':') + 1)} was part of INC-1 \\(malware, malicious\\)`);
  const other = (change: Partial<EarlierIncident>): Situation => ({ alerts, earlier: [before(ties, change)] });
  checkSignals(type, [
    {
      signal: 'earlier_alarm',
      points,
      says: told,
      when: other({}),
      not: {
        'nothing before': { alerts },
        'one that was taken back as false_positive': other({ resolution: 'false_positive' }),
        'one that turned out to be benign_true_positive': other({ resolution: 'benign_true_positive' }),
        'one of unknown verdict': other({ verdict: 'unknown' }),
        'a benign one': other({ verdict: 'benign' }),
        [`one that shares only ${no}`]: { alerts, earlier: [before(no)] },
      },
    },
    {
      signal: 'earlier_alarm',
      points,
      says: /INC-1 \(phishing, suspicious\)/,
      when: other({ verdict: 'suspicious', alert_type: 'phishing', resolution: 'true_positive' }),
      not: {},
    },
    {
      signal: 'earlier_alarm',
      points: points / 2,
      says: /INC-1 \(malware, suspicious\)/,
      when: other({ verdict: 'suspicious' }),
      not: {},
    },
  ]);
}
