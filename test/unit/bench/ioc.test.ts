import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entryOf, fileOf } from '../../../bench/ioc/entries';
import { questionOf } from '../../../bench/ioc/measure';
import { parseIocOptions } from '../../../bench/ioc/options';
import { linesOf, renderIocResults } from '../../../bench/ioc/results';
import type { IocResults } from '../../../bench/ioc/results';
import { readValue } from '../../../domain/intel/value';

const RESULTS: IocResults = {
  at: '2026-11-23T12:00:00Z',
  machine: { cpu: 'a CPU', cores: 2, node: 'v20', platform: 'linux x64', loadAtStart: 0.1 },
  plan: parseIocOptions([]).plan,
  singlePerSecond: 100,
  import: { added: 10, receivedMs: 1, importedMs: 2, rssAtTenth: 100e6, rssPeak: 110e6, perSecond: 2_500 },
  lookup: { few: { p50: 1, p99: 2 }, many: { p50: 1.2, p99: 4 } },
  atOnce: { idle: { p50: 5, p99: 10 }, importing: { p50: 8, p99: 25, lookups: 500 } },
};

describe('the benchmark of the IOC database', () => {
  it('says of each ratio whether it is what is wanted', () => {
    assert.deepEqual(
      linesOf(RESULTS).map(({ ratio, reached }) => [ratio, reached]),
      [
        [25, true],
        [1.1, true],
        [1.2, true],
        [2, false],
        [2.5, true],
      ],
    );
    assert.match(renderIocResults(RESULTS), /NOT reached/);
  });

  it('measures a million, or fewer, and knows no other options', () => {
    assert.equal(parseIocOptions([]).plan.entries, 1_000_000);
    assert.equal(parseIocOptions(['--quick', '--json']).plan.entries, 100_000);
    assert.throws(() => parseIocOptions(['--fast']), /--fast/);
  });

  it('has entries that differ, and that may be kept as they are', () => {
    const entries = Array.from({ length: 20_000 }, (_, number) => entryOf(number));
    assert.equal(new Set(entries.map(({ type, value }) => `${type}:${value}`)).size, entries.length);
    for (const { type, value } of entries.slice(0, 1_000)) {
      const read = readValue(type, value);
      assert.deepEqual([read.ok && read.value, read.ok && read.flags], [value, []]);
    }
  });

  it('asks for entries that are there twice as often as for others', () => {
    const known = new Set(Array.from({ length: 1_000 }, (_, number) => entryOf(number).value));
    const asked = Array.from({ length: 900 }, (_, index) => questionOf(index, 1_000));
    assert.equal(asked.filter(({ value }) => known.has(value)).length, 600);
  });

  it('writes one line for each, under a header', async () => {
    let text = '';
    for await (const piece of fileOf(5, 3_000)) text += piece.toString();
    assert.equal(text.trimEnd().split('\n').length, 3_001);
  });
});
