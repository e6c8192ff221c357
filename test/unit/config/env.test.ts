import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidEnvironmentError, parseEnv } from '../../../config/env';

const DATABASE_URL = 'mysql://soar@127.0.0.1/soar';

function problemsOf(variables: Record<string, string>): string[] {
  try {
    parseEnv(variables);
  } catch (error) {
    assert.ok(error instanceof InvalidEnvironmentError);
    return error.problems;
  }
  return [];
}

test('what is missing is required; what is malformed is said to be that; all at once', () => {
  assert.deepEqual(problemsOf({ PORT: 'abc', LOG_LEVEL: 'loud', SOAR_SIMULATED: 'yes', PROVIDER_RETRY_FOR: '5' }), [
    'PORT is not a number from 0 to 65535',
    'DATABASE_URL is required',
    'PROVIDER_RETRY_FOR is not a duration such as 15m, 2h or 0',
    'SOAR_SIMULATED is not one of 0, 1',
    'LOG_LEVEL is not one of trace, debug, info, warn, error, fatal',
  ]);
});

test('the correlation window is a duration, two hours when nothing is said, and none at 0', () => {
  const window = (CORRELATION_WINDOW: string) => parseEnv({ DATABASE_URL, CORRELATION_WINDOW }).correlationWindowMs;
  assert.deepEqual(['', '0', '90s', '1.5h', '1d'].map(window), [7_200_000, 0, 90_000, 5_400_000, 86_400_000]);
  assert.deepEqual(problemsOf({ DATABASE_URL, CORRELATION_WINDOW: '2' }), [
    'CORRELATION_WINDOW is not a duration such as 15m, 2h or 0',
  ]);
});

test('a port is a whole number from 0 to 65535', () => {
  for (const PORT of ['65536', '-1', '80.5', '0x50', '1e3', ' ']) {
    assert.deepEqual(problemsOf({ DATABASE_URL, PORT }), ['PORT is not a number from 0 to 65535'], PORT);
  }
  assert.equal(parseEnv({ DATABASE_URL, PORT: '0' }).port, 0);
  assert.equal(parseEnv({ DATABASE_URL, PORT: '65535', WORKER_HEALTH_PORT: '9' }).port, 65_535);
});

test('an empty variable counts as not set', () => {
  const env = parseEnv({ DATABASE_URL, PORT: '', TEMPORAL_ADDRESS: '', WORKER_HEALTH_PORT: '' });
  assert.deepEqual([env.port, env.temporalAddress, env.workerHealthPort], [8080, '127.0.0.1:7233', undefined]);
});

test('a webhook has an address, to the letter, and a secret, written either way', () => {
  const webhook = (ESCALATION_WEBHOOK_SECRET: string) =>
    parseEnv({ DATABASE_URL, ESCALATION_WEBHOOK_URL: 'https://pager.corp.example/hooks/', ESCALATION_WEBHOOK_SECRET })
      .escalationWebhook;
  assert.equal(parseEnv({ DATABASE_URL }).escalationWebhook, undefined);
  assert.equal(webhook('sixteen letters!')?.url, 'https://pager.corp.example/hooks/');
  assert.equal(webhook('sixteen letters!')?.secret.toString(), 'sixteen letters!');
  const standard = webhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')?.secret;
  assert.equal(standard?.toString('base64'), 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  assert.equal(webhook('whsec_AAAAAAAAAAAAAAAAAAAAAA')?.secret.length, 16, 'without its padding');
});

test('half a webhook, or one that cannot work, is refused, without naming the secret', () => {
  const url = 'https://pager.corp.example/';
  const secret = 'sixteen letters!';
  assert.deepEqual(problemsOf({ DATABASE_URL, ESCALATION_WEBHOOK_URL: url }), [
    'ESCALATION_WEBHOOK_SECRET is required with ESCALATION_WEBHOOK_URL',
  ]);
  assert.deepEqual(problemsOf({ DATABASE_URL, ESCALATION_WEBHOOK_SECRET: secret }), [
    'ESCALATION_WEBHOOK_URL is required with ESCALATION_WEBHOOK_SECRET',
  ]);
  for (const ESCALATION_WEBHOOK_URL of ['pager.corp.example', 'ftp://pager.corp.example/', 'https://']) {
    assert.deepEqual(problemsOf({ DATABASE_URL, ESCALATION_WEBHOOK_URL, ESCALATION_WEBHOOK_SECRET: secret }), [
      'ESCALATION_WEBHOOK_URL is not an http(s) URL',
    ]);
  }
  for (const bad of [
    'fifteen letters',
    'whsec_',
    'whsec_AAAAAAAAAAAAAAAAAAAA',
    'whsec_not-the-base64-that-it-says-it-is',
  ]) {
    assert.deepEqual(
      problemsOf({ DATABASE_URL, ESCALATION_WEBHOOK_URL: url, ESCALATION_WEBHOOK_SECRET: bad }),
      ['ESCALATION_WEBHOOK_SECRET is neither whsec_ and the base64 of 16 bytes or more, nor a text as long'],
      bad,
    );
  }
});
