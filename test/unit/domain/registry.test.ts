import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ALERT_TYPES } from '../../../domain/alert';
import { workflowType } from '../../../domain/names';

test('every playbook has its workflow type, under the name operators know', () => {
  const types = ALERT_TYPES.map(workflowType);
  assert.deepEqual(types.slice(0, 6), [
    'bruteForcePlaybook',
    'malwarePlaybook',
    'phishingPlaybook',
    'suspiciousIpPlaybook',
    'lateralMovementPlaybook',
    'dataExfilPlaybook',
  ]);
  // read, not imported: workflow code runs in Temporal's sandbox only
  const exported = readFileSync(path.join(__dirname, '../../../workflows/index.ts'), 'utf8');
  for (const type of types) assert.match(exported, new RegExp(`runIncident as ${type},`), type);
});
