import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderPage } from '../../../evaluation/page/render';
import { stripPlot } from '../../../evaluation/page/strip-plot';
import { evaluation, MANY, outcome, POLICY } from './fixture';

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

describe('the pictures of the page', () => {
  const html = renderPage(evaluation(MANY));

  /** The counts of a heat table by rows, each with the shade it has; undefined where there is no such table. */
  function heat(name: string): string[] | undefined {
    const table = html
      .match(/<table class="heat">[\s\S]*?<\/table>/g)
      ?.find((one) => one.includes(`<bdi>${name}</bdi>`));
    return table
      ?.match(/<tr><th scope="row">.*/g)
      ?.map((row) =>
        row.replaceAll(/<th[^>]*>(\w+)<\/th>|<td class="([\w-]+)">(.+?)<\/td>|<[^>]*>/g, '$1 $2 $3 ').trim(),
      )
      .map((row) => row.split(/\s+/).join(' '));
  }

  it('are a heat table of expected and given verdicts for each half, and for all', () => {
    assert.deepEqual(heat('half'), [
      'Benign right-2 1 wrong-2 1 wrong-0 · wrong-2 1',
      'Suspicious wrong-0 · right-0 · wrong-0 · wrong-0 ·',
      'Malicious wrong-0 · wrong-0 · right-4 2 wrong-2 1',
      'Unknown wrong-0 · wrong-0 · wrong-0 · right-5 1',
    ]);
    assert.match(heat('other')?.[2] ?? '', /^Malicious wrong-3 1 wrong-0 · right-3 1 wrong-0 ·$/);
    assert.match(heat('all cases')?.[0] ?? '', /^Benign right-2 1 wrong-2 1 wrong-2 1 wrong-2 1$/);
    assert.match(html, /<th scope="col">Benign<\/th><th scope="col">Suspicious<\/th>/);
  });

  it('are a heat table for each playbook', () => {
    const lines = {
      malware: 'Malicious wrong-0 · wrong-0 · right-3 1 wrong-3 1',
      'brute force': 'Benign right-0 · wrong-5 1 wrong-0 · wrong-0 ·',
      phishing: 'Malicious wrong-0 · wrong-0 · right-5 1 wrong-0 ·',
      'suspicious ip': 'Benign right-0 · wrong-0 · wrong-5 1 wrong-0 ·',
      'lateral movement': 'Malicious wrong-0 · wrong-0 · right-5 1 wrong-0 ·',
      'data exfil': 'Malicious wrong-5 1 wrong-0 · right-0 · wrong-0 ·',
    };
    for (const [name, line] of Object.entries(lines))
      assert.ok(heat(name)?.includes(line), `${name}: ${heat(name)?.join('\n')}`);
  });

  it('are bars of precision, recall and false positives for each playbook', () => {
    const rows =
      html
        .slice(html.indexOf('<table class="bars">'), html.indexOf('id="confusion"'))
        .match(/<tr><th scope="row">.*/g) ?? [];
    const barsOf = (name: string) => {
      const row = rows.find((one) => one.includes(`>${name}<`)) ?? '';
      const bars = row.matchAll(/<td><b>([^<]*)<\/b> .*?<svg class="bar (\w+)".*?class="part" width="([\d.]+)"/g);
      return [...bars].map(([, value, key, width]) => `${value} ${key} ${width}`);
    };
    assert.equal(rows.length, 6);
    assert.deepEqual(barsOf('malware'), ['100 % good 100', '50 % good 50', '0 % bad 0']);
    assert.deepEqual(barsOf('suspicious ip'), ['0 % good 0', '– good 0', '100 % bad 100']);
    assert.deepEqual(barsOf('data exfil'), ['– good 0', '0 % good 0', '– bad 0']);
  });

  it('are a dot for every case over its score, with both thresholds', () => {
    const plot = html.slice(
      html.indexOf('<svg class="plot"'),
      html.indexOf('</svg>', html.indexOf('<svg class="plot"')),
    );
    const dots = [
      ...plot.matchAll(/<circle class="(\w+) verdict-(\w+)" cx="([\d.]+)" cy="[\d.]+" r="2"><title>(\w+),/g),
    ];
    assert.deepEqual(dots.map(([, , , , id]) => id).sort(), MANY.map(({ id }) => id).sort());
    const [, key, verdict] = dots.find(([, , , , id]) => id === 'd1') ?? [];
    assert.deepEqual([key, verdict], ['wrong', 'benign']);
    assert.equal(plot.match(/class="threshold"/g)?.length, 2);
    for (const text of ['suspicious from 30', 'malicious from 70', 'in truth benign: 5', 'in truth malicious: 5']) {
      assert.ok(plot.includes(text), text);
    }
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
