import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mean, median, percentile } from '../../../bench/statistics';

describe('bench statistics', () => {
  it('takes the middle, or the mean of the two in the middle', () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([4, 1, 10, 2]), 3);
    assert.equal(median([7]), 7);
  });

  it('takes as a percentile a value that was measured', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    assert.equal(percentile(hundred, 50), 50);
    assert.equal(percentile(hundred, 95), 95);
    assert.equal(percentile(hundred, 100), 100);
    assert.equal(percentile([3, 1, 2], 95), 3);
    assert.equal(percentile([3, 1, 2], 0), 1);
  });

  it('leaves what it was given in its order', () => {
    const values = [3, 1, 2];
    median(values);
    percentile(values, 50);
    assert.deepEqual(values, [3, 1, 2]);
  });

  it('says of nothing that it is no number', () => {
    for (const value of [median([]), percentile([], 50), mean([])]) assert.ok(Number.isNaN(value));
  });
});
