import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../../../domain/alert';
import { allowedPair } from '../../../domain/playbooks/admin-pairs';
import { DEFAULT_SITE } from '../../../domain/site';

const site = {
  ...DEFAULT_SITE,
  admin_pairs: [
    { source: 'jump01.corp.example', destination: '*', user: 'svc-deploy' },
    { source: '10.0.0.5', destination: 'app05', user: 'svc-deploy' },
  ],
};

function isAllowed(alert: Partial<Alert>): boolean {
  return allowedPair({ source: 'edr', username: 'svc-deploy', dest_hostname: 'app05', ...alert }, site) !== undefined;
}

test('a rule for a host covers an alert that gives no address', () => {
  assert.ok(isAllowed({ src_hostname: 'JUMP01' }));
});

test('where the alert gives an address, only a rule that names it covers: a host name is easily claimed', () => {
  assert.ok(isAllowed({ src_hostname: 'jump01.corp.example', src_ip: '10.0.0.5' }));
  assert.ok(!isAllowed({ src_hostname: 'jump01.corp.example', src_ip: '10.9.9.9' }));
});

test('an alert that names no source is covered by none: the alerted host is the one that was reached', () => {
  assert.ok(!isAllowed({ hostname: 'jump01' }));
});

test('the account that was gained must fit as well as the one that was used', () => {
  assert.ok(isAllowed({ src_ip: '10.0.0.5', dest_username: 'CORP\\svc-deploy' }));
  assert.ok(!isAllowed({ src_ip: '10.0.0.5', dest_username: 'administrator' }));
});

test('the destination must fit', () => {
  assert.ok(!isAllowed({ src_ip: '10.0.0.5', dest_hostname: 'dc01' }));
});
