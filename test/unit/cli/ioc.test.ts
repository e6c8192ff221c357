import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guess } from '../../../cli/commands/ioc';

test('the type of an indicator is told from its form, defanged too', () => {
  const cases: Record<string, string> = {
    '185.220.101.1': 'ip',
    '185.220.101[.]1': 'ip',
    '45.155.205.0/24': 'ip',
    '2001:db8::1': 'ip',
    'Example[.]com': 'domain',
    'hxxps://secure-paypa1-login[.]com/verify': 'url',
    'http://update-cdn-service.top/payload.exe': 'url',
    'news@mailchimp.com': 'email',
    [`${'ab'.repeat(15)}cd`]: 'md5',
    [`${'ab'.repeat(31)}cd`]: 'sha256',
  };
  for (const [value, type] of Object.entries(cases)) assert.equal(guess(value).type, type, value);
});

test('what can be nothing is refused', () => {
  assert.throws(() => guess('not an indicator'), { name: 'UsageError' });
});
