import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderList, renderTable } from '../../../cli/table';
import { clean, truncate, wrap } from '../../../cli/text';

const longest = (text: string): number => Math.max(...text.split('\n').map((line) => [...line].length));

test('columns line up, numbers to the right', () => {
  const lines = renderTable(
    [{ title: 'name' }, { title: 'score', align: 'right' }],
    [
      ['a', '7'],
      ['bcd', '100'],
    ],
    100,
  ).split('\n');
  assert.deepEqual(lines, ['name  score', '────  ─────', 'a         7', 'bcd     100']);
});

test('a table that is too wide gives up the widest column that may shrink, and never wraps', () => {
  const rows = [['INC-0123456789', 'x'.repeat(200), 'malicious']];
  const table = renderTable([{ title: 'incident' }, { title: 'title', shrink: true }, { title: 'verdict' }], rows, 60);
  assert.equal(table.split('\n').length, 3);
  assert.equal(longest(table), 60);
  assert.match(table, /INC-0123456789 {2}x+… {2}malicious/);
});

test('colours do not count as width', () => {
  const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;
  const table = renderTable([{ title: 'verdict', paint: red }, { title: 'status' }], [['malicious', 'open']], 100);
  assert.equal(table.split('\n')[2], `${red('malicious')}  open`);
});

test('the last column of a list wraps under itself', () => {
  const lines = renderList([['high', 'one two three four five six seven']], { width: 28 });
  assert.deepEqual(lines, ['  high  one two three four', '        five six seven']);
});

test('a word longer than the line is broken, so no line is too long', () => {
  assert.deepEqual(wrap('see https://a.example/long', 10), ['see', 'https://a.', 'example/lo', 'ng']);
});

test('text from an alert cannot steer the terminal', () => {
  assert.equal(clean('a\u001b[2Jb\nc\u202ed\u0007'), 'a·[2Jb c·d·');
});

test('cutting shows that something is missing', () => {
  assert.equal(truncate('abcdef', 4), 'abc…');
  assert.equal(truncate('abcd', 4), 'abcd');
});
