import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { PROJECT_ROOT } from '../../../config/home';
import { parseSubmission } from '../../../domain/formats';
import { NOW } from './cases';

function sharesId(sample: string): boolean {
  const body = readFileSync(join(PROJECT_ROOT, 'samples', 'formats', sample), 'utf8');
  const [parsed] = parseSubmission({ body, receivedAt: NOW });
  return parsed?.sharesId ?? false;
}

describe('ids that name more than one alert are known for it', () => {
  const shared = {
    'of a detection of Defender Antivirus': 'defender_antivirus/winlogbeat-1116.json',
    'of the document that ElastAlert matched': 'elastalert/frequency.json',
    'of one FireEye appliance': 'fireeye/nx-alert.json',
    'of an alert that has a record for each entity': 'o365_audit/alert-entity.json',
    'of an incident of one FortiGate': 'fortigate/ips-inbound-probe.log',
    'of the same in CEF': 'fortigate_cef/ips.log',
  };
  for (const [name, sample] of Object.entries(shared)) test(name, () => assert.equal(sharesId(sample), true));

  test('but not those that are unique', () => {
    assert.deepEqual(['fireeye/uuid.json', 'o365_audit/dlp-mail.json', 'azure_monitor/metric.json'].map(sharesId), [
      false,
      false,
      false,
    ]);
  });
});
