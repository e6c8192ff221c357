import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { showFigures } from '../../../cli/eval-view';
import { sessionWith } from '../cli/session-double';
import { evaluation, MANY, outcome } from './fixture';

function shown(cases = MANY, options: { playbooks?: boolean } = {}): string[] {
  const { session, lines } = sessionWith('http://127.0.0.1:9');
  showFigures(session.out, evaluation(cases), options);
  return lines;
}

/** The lines from a title to the next empty one, each with single blanks. */
function block(lines: readonly string[], title: string | RegExp): string[] {
  const start = lines.findIndex((line) => (typeof title === 'string' ? line === title : title.test(line)));
  assert.notEqual(start, -1, `${title}`);
  const rest = lines.slice(start);
  const end = rest.indexOf('');
  return rest.slice(0, end === -1 ? undefined : end).map((line) => line.trim().split(/\s+/).join(' '));
}

describe('the figures on the terminal', () => {
  const lines = shown();

  it('are a table by playbook of each half, in counts, and in percent of all', () => {
    const [, head, , ...rows] = block(lines, 'half: 7 cases');
    assert.equal(head, 'playbook as expected precision recall FP rate false alarms harm closed unknown');
    assert.deepEqual(rows, [
      'brute_force 1/2 – – 0/2 1/2 – 1',
      'malware 2/4 1/1 1/2 0/2 0/2 0/2 2',
      'phishing 1/1 1/1 1/1 – – 0/1 0',
      'all 4/7 2/2 2/3 0/4 1/4 0/3 3',
      '57.1 % 100 % 66.7 % 0 % 25 % 0 % 42.9 %',
    ]);
    const [, , , ...others] = block(lines, 'other: 3 cases');
    assert.deepEqual(others.slice(0, -1), [
      'suspicious_ip 0/1 0/1 – 1/1 1/1 – 0',
      'lateral_movement 1/1 1/1 1/1 – – 0/1 0',
      'data_exfil 0/1 – 0/1 – – 1/1 0',
      'all 1/3 1/2 1/2 1/1 1/1 1/2 0',
    ]);
  });

  it('are such a table of all cases where there are several halves', () => {
    const [, , , ...rows] = block(lines, 'All 10 cases');
    assert.equal(rows.length, 8);
    assert.equal(rows.at(-2), 'all 5/10 3/4 3/5 1/5 2/5 1/5 3');
    assert.ok(!shown([outcome()]).some((line) => line.startsWith('All ')));
  });

  it('are the matrix of expected and given verdicts of each half', () => {
    const heads = lines.flatMap((line, index) =>
      /^ +benign +suspicious +malicious +unknown$/.test(line) ? [index] : [],
    );
    const [first, second] = heads.map((head) =>
      lines.slice(head + 2, head + 6).map((line) => line.trim().split(/\s+/).join(' ')),
    );
    assert.deepEqual(first, [
      'expected benign 1 1 · 1',
      'expected suspicious · · · ·',
      'expected malicious · · 2 1',
      'expected unknown · · · 1',
    ]);
    assert.deepEqual(second, [
      'expected benign · · 1 ·',
      'expected suspicious · · · ·',
      'expected malicious 1 · 1 ·',
      'expected unknown · · · ·',
    ]);
  });

  it('are the matrix of each playbook, when it is wanted', () => {
    const title = 'Expected and given verdicts by playbook';
    assert.ok(!lines.includes(title));
    const [, head, , ...rows] = block(shown(MANY, { playbooks: true }), title);
    assert.equal(head, 'playbook expected benign suspicious malicious unknown');
    assert.deepEqual(rows, [
      'brute_force benign · 1 · ·',
      'unknown · · · 1',
      'malware benign 1 · · 1',
      'malicious · · 1 1',
      'phishing malicious · · 1 ·',
      'suspicious_ip benign · · 1 ·',
      'lateral_movement malicious · · 1 ·',
      'data_exfil malicious 1 · · ·',
    ]);
  });

  it('fit into 100 columns, with a hundred cases a playbook too', () => {
    const crowd = MANY.flatMap((one) => Array.from({ length: 150 }, () => one));
    for (const line of shown(crowd, { playbooks: true })) assert.ok([...line].length <= 100, line);
  });
});
