import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compare } from '../../../evaluation/compare';
import { metricsOf, targetsOf } from '../../../evaluation/metrics';
import { renderPage } from '../../../evaluation/page/render';
import { stripPlot } from '../../../evaluation/page/strip-plot';
import type { CaseOutcome, Evaluation } from '../../../evaluation/result';
import { outcome } from './fixture';

const POLICY = { name: 'default', version: '2', id: 'a'.repeat(64), thresholds: { suspicious: 30, malicious: 70 } };

function evaluation(cases: CaseOutcome[], before?: CaseOutcome[]): Evaluation {
  const metrics = metricsOf(cases);
  const targets = targetsOf(metrics);
  return {
    policy: POLICY,
    overall: metrics,
    met: targets.every(({ met }) => met !== false),
    sets: [{ name: 'half', metrics, targets, playbooks: [{ name: 'malware', metrics }] }],
    playbooks: [{ name: 'malware', metrics }],
    cases,
    against: before ? { policy: POLICY, overall: metricsOf(before), changed: compare(before, cases) } : null,
  };
}

describe('the page', () => {
  it('shows hostile texts as texts', () => {
    const hostile = `<img src=x onerror=alert(1)>"'\u202e https://evil.example/x`;
    const texts = { id: 'x', title: hostile, why: hostile, explanation: hostile, reason: hostile };
    const case_ = outcome({ ...texts, got: 'malicious', ledger: [{ rule: 'r', text: hostile, numbers: {} }] });
    const html = renderPage(
      evaluation([case_, outcome({ title: hostile })], [outcome({ ...texts, explanation: hostile })]),
    );
    assert.doesNotMatch(html, /<img/);
    assert.match(html, /&lt;img src&#x3D;x onerror/);
    assert.match(html, /\[U\+202E\]/);
    assert.doesNotMatch(html, /https:\/\/evil\.example/);
  });

  it('loads nothing and runs nothing', () => {
    const html = renderPage(evaluation([outcome()]));
    assert.doesNotMatch(html, /<script|\son[a-z]+=|<link|url\(|@import|\sstyle=/i);
    assert.match(html, /default-src &#x27;none&#x27;|default-src 'none'/);
  });

  it('has a case that is not as expected among the misses, with both reasons, and the others below', () => {
    const miss = outcome({ id: 'miss', got: 'suspicious', why: 'It is ours.', explanation: 'Suspicious, 40 of 100.' });
    const html = renderPage(evaluation([outcome({ id: 'hit' }), miss]));
    const misses = html.slice(html.indexOf('id="misses"'), html.indexOf('id="rest"'));
    assert.match(misses, /miss[\s\S]*It is ours\.[\s\S]*Suspicious, 40 of 100\./);
    assert.doesNotMatch(misses, />hit</);
    assert.match(html.slice(html.indexOf('id="rest"')), />hit</);
  });

  it('says of what has no case that there is none', () => {
    const html = renderPage(evaluation([outcome()]));
    assert.match(html, /no case tells/);
    assert.doesNotMatch(html, /NaN|undefined|Infinity/);
  });

  it('is the same for the same result', () => {
    assert.equal(renderPage(evaluation([outcome()])), renderPage(evaluation([outcome()])));
  });
});

describe('the plot of scores', () => {
  it('has every case once, in the lane of its truth, over its score', () => {
    const cases = [outcome({ score: 0 }), outcome({ score: 0 }), outcome({ score: 100, truth: 'malicious' })];
    const { lanes, left, right, height } = stripPlot(cases, POLICY.thresholds);
    assert.deepEqual(
      lanes.map(({ truth, dots }) => [truth, dots.map(({ x }) => x)]),
      [
        ['benign', [left, left]],
        ['malicious', [right]],
      ],
    );
    const all = lanes.flatMap(({ dots }) => dots);
    assert.equal(new Set(all.map(({ x, y }) => `${x} ${y}`)).size, 3, 'none hides another');
    assert.ok(all.every(({ y }) => y > 0 && y < height));
  });
});
