import assert from 'node:assert/strict';
import type { AuditView, IncidentView } from '../../db/views';
import type { TestSystem } from './system';

/**
 * The audit trail of an incident is whole: gap-free, each action once, unchanged, and every answer of an outside source
 * has its raw document.
 */
export async function assertAudited(
  { store }: Pick<TestSystem, 'store'>,
  incident: Pick<IncidentView, 'id' | 'audit'>,
): Promise<void> {
  const { id, audit } = incident;
  assert.deepEqual(
    audit.map((row) => row.seq),
    audit.map((_row, index) => index + 1),
    `${id}: gaps`,
  );
  const keys = audit.map((row) => row.action_key);
  assert.deepEqual([...new Set(keys)], keys, `${id}: an action twice`);
  for (const row of audit.filter(answeredOutside))
    assert.ok(row.raw_sha256, `${id}: ${row.action_key} has no document`);
  const { problems } = await store.audit.verify(id);
  assert.deepEqual(problems, [], `${id}: audit does not verify`);
}

function answeredOutside(row: AuditView): boolean {
  return row.action === 'lookup' && row.provider !== 'iocs' && row.status === 'ok';
}

/** Audit rows by their key. */
export function row(incident: IncidentView, key: string): AuditView {
  const found = incident.audit.find((one) => one.action_key === key);
  assert.ok(
    found,
    `${incident.id} has no audit row ${key}, only ${incident.audit.map((one) => one.action_key).join(', ')}`,
  );
  return found;
}
