import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newlyEscalated } from '../../activities/notices';
import type { IncidentRow } from '../../db/store';

const incident = (changes: Partial<IncidentRow>) => ({ id: 'INC-7Q2M4X9K0T', ...changes }) as IncidentRow;

test('an incident is newly escalated when it was not before, and is given as it is then', () => {
  const changes: Partial<IncidentRow> = { status: 'escalated', resolution: null };
  for (const status of ['new', 'investigating', 'open', 'closed'] as const) {
    const before = incident({ status, resolution: status === 'closed' ? 'auto_benign' : null });
    assert.deepEqual(newlyEscalated(before, changes), incident(changes), status);
  }
  assert.equal(newlyEscalated(incident({ status: 'escalated' }), changes), undefined);
  assert.equal(newlyEscalated(incident({ status: 'new' }), { status: 'open' }), undefined);
  assert.equal(newlyEscalated(incident({ status: 'new' }), {}), undefined);
});
