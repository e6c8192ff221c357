import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Results } from '../../bench/results';
import { recordedProcesses, runStack } from '../support/stack-process';

describe('npm run bench -- --check', { concurrency: false }, () => {
  const home = mkdtempSync(join(tmpdir(), 'soar-bench-'));
  after(() => rmSync(home, { recursive: true, force: true }));

  it('plays suite and floor, finds their histories alike, and asks once about each address', async () => {
    const bench = runStack(['bench', '--check', '--json'], home);
    assert.equal(await bench.exited, 0, bench.output());
    const results = JSON.parse(bench.printed()) as Results;
    assert.deepEqual(
      results.comparisons.map(({ atOnce }) => atOnce),
      [1, 4],
    );
    for (const { suite, floor, ratio, history } of results.comparisons) {
      assert.ok([suite.perSecond, floor.perSecond, ratio.perSecond].every((value) => value > 0));
      assert.ok(history.suite.events > 20 && history.suite.bytes > 1000);
    }
    assert.deepEqual(results.cache.requests, { virustotal: 3, abuseipdb: 3, geoip: 3 });
    assert.ok(results.post.requests > 0 && results.post.p50Ms > 0);
    assert.deepEqual(recordedProcesses(join(home, 'bench')), {});
  });
});
