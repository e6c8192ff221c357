import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mailAddresses } from '../../../domain/mail-addresses';

test('every address of a list is read, and what cannot be read is told', () => {
  const rows: [string, (string | undefined)[]][] = [
    ['a@b.com', ['a@b.com']],
    ['thief@evil.top, a@b.com', ['thief@evil.top', 'a@b.com']],
    ['thief@evil.top;a@b.com;', ['thief@evil.top', 'a@b.com']],
    ['Thief <thief@evil.top>, A <a@b.com>', ['thief@evil.top', 'a@b.com']],
    ['"Doe, Jane" <jane@b.com>', ['jane@b.com']],
    ['Doe, Jane <jane@b.com>; Roe, R. <r@b.com>', ['jane@b.com', 'r@b.com']],
    ['"thief@evil.top, x" <a@b.com>', ['a@b.com']],
    ['thief@evil', [undefined]],
    ['thief@evil, a@b.com', [undefined, 'a@b.com']],
    ['a@b.com, thief', ['a@b.com', undefined]],
    ['thief@evil.top a@b.com', [undefined]],
    ['<thief@evil.top> <a@b.com>', [undefined]],
    ['undisclosed recipients', [undefined]],
    ['', []],
    [' , ;', []],
  ];
  for (const [text, expected] of rows) assert.deepEqual(mailAddresses(text), expected, text);
});

test('a megabyte of separators and quotes is read in linear time', () => {
  for (const text of [','.repeat(1e6), '",'.repeat(5e5), '<@'.repeat(5e5), 'a,'.repeat(5e5)]) {
    const before = performance.now();
    mailAddresses(text);
    assert.ok(performance.now() - before < 2000, text.slice(0, 4));
  }
});
