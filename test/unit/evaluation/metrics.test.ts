import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { metricsOf, percent, targetsOf, type Scored } from '../../../evaluation/metrics';
import { scored } from './fixture';

const harmful = (change: Partial<Scored>) => scored({ truth: 'malicious', outcome: 'open', ...change });

describe('the figures', () => {
  // counted by hand: 5 harmless, 6 harmful
  const cases: Scored[] = [
    scored(),
    scored({ got: 'malicious', outcome: 'escalate' }),
    scored({ got: 'suspicious', outcome: 'open' }),
    scored({ expected: 'unknown', got: 'unknown', outcome: 'open' }),
    scored({ expected: 'benign', got: 'unknown', outcome: 'open' }),
    harmful({ expected: 'malicious', got: 'malicious' }),
    harmful({ expected: 'malicious', got: 'malicious' }),
    harmful({ expected: 'malicious', got: 'unknown' }),
    harmful({ expected: 'suspicious', got: 'benign', outcome: 'close' }),
    harmful({ expected: 'unknown', got: 'benign' }),
    harmful({ expected: 'suspicious', got: 'malicious', outcome: 'escalate' }),
  ];
  const metrics = metricsOf(cases);
  const share = ({ hits, of }: { hits: number; of: number }) => `${hits}/${of}`;

  it('are those that are counted by hand', () => {
    const { agreement, precision, recall, falsePositives, falseAlarms, calledBenign, closedWrongly } = metrics;
    const { unknownAsExpected, unknownInstead } = metrics;
    assert.deepEqual([agreement, precision, recall, falsePositives, falseAlarms].map(share), [
      '4/11',
      '2/4',
      '2/3',
      '1/5',
      '2/5',
    ]);
    assert.deepEqual([calledBenign, closedWrongly, unknownAsExpected, unknownInstead].map(share), [
      '2/6',
      '1/6',
      '1/2',
      '2/9',
    ]);
    assert.deepEqual([percent(precision), percent(recall)], ['50 %', '66.7 %']);
  });

  it('count every case once in the matrix, expected by given', () => {
    assert.deepEqual(metrics.confusion, {
      benign: { benign: 1, suspicious: 1, malicious: 1, unknown: 1 },
      suspicious: { benign: 1, suspicious: 0, malicious: 1, unknown: 0 },
      malicious: { benign: 0, suspicious: 0, malicious: 2, unknown: 1 },
      unknown: { benign: 1, suspicious: 0, malicious: 0, unknown: 1 },
    });
  });

  it('do not depend on the order', () => {
    assert.deepEqual(metricsOf(cases.toReversed()), metrics);
  });

  it('of nothing are undefined, never a hundred percent', () => {
    const none = metricsOf([]);
    for (const ratio of [none.agreement, none.precision, none.recall, none.falsePositives, none.closedWrongly]) {
      assert.deepEqual(ratio, { hits: 0, of: 0, value: null });
      assert.equal(percent(ratio), '–');
    }
    const harmless = metricsOf([scored()]);
    assert.deepEqual([percent(harmless.precision), percent(harmless.recall)], ['–', '–']);
  });
});

describe('the targets', () => {
  const met = (cases: Scored[]) => targetsOf(metricsOf(cases)).map((target) => target.met);
  const caught = (count: number, missed: number) => [
    ...Array.from({ length: count }, () => harmful({ expected: 'malicious', got: 'malicious' })),
    ...Array.from({ length: missed }, () => harmful({ expected: 'malicious', got: 'suspicious' })),
  ];

  it('are met without a harmless case called malicious, from 95 % of recall, and with no harm closed', () => {
    assert.deepEqual(met([scored(), ...caught(19, 1)]), [true, true, true]);
    assert.deepEqual(met([scored(), ...caught(18, 1)]), [true, false, true]);
    assert.deepEqual(met([scored({ got: 'malicious' }), ...caught(1, 0)]), [false, true, true]);
    assert.deepEqual(met([scored(), ...caught(1, 0), harmful({ outcome: 'close' })]), [true, true, false]);
  });

  it('cannot be told where there is no case', () => {
    assert.deepEqual(met([]), [null, null, null]);
    assert.deepEqual(met([scored()]), [true, null, null]);
  });
});
