import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkNotices } from '../../../stack/doctor-notices';

const NOW = new Date('2026-11-23T12:15:00.000Z');

test('what has just been noted is no fault; what has waited for long is, with where to look', () => {
  assert.deepEqual(checkNotices({ count: 0, since: null }, NOW), {
    name: 'Escalation webhook',
    ok: true,
    detail: 'nothing waits to be told',
    fix: null,
  });
  const fresh = checkNotices({ count: 3, since: '2026-11-23T12:00:01.000000Z' }, NOW);
  assert.deepEqual([fresh.ok, fresh.detail], [true, '3 waiting since 2026-11-23 12:00 UTC']);
  const old = checkNotices({ count: 3, since: '2026-11-23T12:00:00.000000Z' }, NOW);
  assert.equal(old.ok, false);
  assert.match(old.fix ?? '', /soar-notices .* ESCALATION_WEBHOOK_URL/);
});
