import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hidePassword, restorePassword } from '../../../domain/feed-address';

const KNOWN = 'https://ana:s3cret@feeds.example/list?x=1';

test('a password is hidden, and stays when the hidden one is sent back', () => {
  const shown = hidePassword(KNOWN);
  assert.equal(shown, 'https://ana:***@feeds.example/list?x=1');
  assert.equal(restorePassword(shown, KNOWN), KNOWN);
  assert.equal(restorePassword('https://ana:%2A%2a*@feeds.example/list?x=1', KNOWN), KNOWN);
  assert.equal(restorePassword(shown, undefined), undefined);
  assert.equal(restorePassword('https://ana:***@other.example/list?x=1', KNOWN), undefined);
});

test('a password may hold a percent sign that encodes nothing', () => {
  const address = 'https://ana:100%sure@feeds.example/';
  assert.equal(restorePassword(address, KNOWN), address);
});
