import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { alertFromFlags, alertOptions } from '../../../cli/alert-fields';
import { UsageError } from '../../../cli/errors';
import { CANONICAL_KEYS } from '../../../domain/formats/canonical-schema';

function parse(...argv: string[]): Record<string, unknown> | undefined {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  alertOptions().forEach((option) => command.addOption(option));
  command.parse(argv, { from: 'user' });
  return alertFromFlags(command.opts());
}

test('the flags of the first example make the canonical alert', () => {
  assert.deepEqual(
    parse(
      '--source',
      'firewall',
      '--type',
      'brute_force',
      '--severity',
      'high',
      '--src-ip',
      '185.220.101.1',
      '--username',
      'administrator',
    ),
    {
      source: 'firewall',
      alert_type: 'brute_force',
      severity: 'high',
      src_ip: '185.220.101.1',
      username: 'administrator',
    },
  );
});

test('numbers, lists and yes/no become what the API wants', () => {
  const alert = parse(
    '--source',
    'dlp',
    '--bytes-out',
    '4200000000',
    '--mitre',
    'T1048',
    'T1567',
    '--clicked',
    'no',
    '--executed',
    'yes',
  );
  assert.deepEqual(alert, {
    source: 'dlp',
    bytes_out: 4_200_000_000,
    mitre: ['T1048', 'T1567'],
    clicked: false,
    executed: true,
  });
});

test('no field at all is not an alert', () => {
  assert.equal(parse(), undefined);
});

test('every wrong value is named at once', () => {
  assert.throws(
    () => parse('--src-port', 'ssh', '--clicked', 'perhaps'),
    (error: unknown) =>
      error instanceof UsageError &&
      error.exitCode === 2 &&
      ['--src-port "ssh"', '--clicked "perhaps"', '--source is required'].every((part) => error.message.includes(part)),
  );
});

test('a value outside its list is refused before anything is sent', () => {
  assert.throws(() => parse('--source', 'x', '--severity', 'terrible'), /critical/);
});

test('every canonical field has a flag', () => {
  const fields = alertOptions().map((option) =>
    option.attributeName().replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  );
  const named = new Set(fields.map((field) => (field === 'type' ? 'alert_type' : field)));
  assert.deepEqual([...named].sort(), [...CANONICAL_KEYS].sort());
});
