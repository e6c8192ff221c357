import assert from 'node:assert/strict';
import { join, relative, sep } from 'node:path';
import { test } from 'node:test';
import { readExpectations } from '../../../cli/bulk';
import { findFiles, readDocuments } from '../../../cli/read-alerts';
import { PROJECT_ROOT } from '../../../config/home';
import { ALERT_TYPES } from '../../../domain/alert';
import { classify } from '../../../domain/classify';
import { parseSubmission } from '../../../domain/formats';
import { VERDICTS } from '../../../domain/verdict';

const DIR = join(PROJECT_ROOT, 'samples', 'alerts');

async function readSamples() {
  const files = await findFiles([DIR]);
  return Promise.all(
    files.map(async (file) => {
      const [document] = await readDocuments(file);
      const [parsed] = parseSubmission({
        body: JSON.parse(document!.body.toString('utf8')),
        receivedAt: '2026-11-23T12:00:00Z',
      });
      return { name: relative(DIR, file).split(sep).join('/'), ...parsed! };
    }),
  );
}

test('every sample is a canonical alert of the type its folder says, with an id of its own', async () => {
  const samples = await readSamples();
  for (const { name, format, alert, extra } of samples) {
    assert.equal(format, 'canonical', name);
    assert.equal(classify(alert).alert_type, name.split('/')[0], name);
    assert.ok(alert.alert_id, name);
    assert.deepEqual(extra, {}, name);
  }
  const identities = samples.map(({ alert }) => `${alert.source}/${alert.alert_id}`);
  assert.equal(new Set(identities).size, samples.length);
});

test('every sample has an expected verdict with a reason', async () => {
  const [samples, expected] = await Promise.all([readSamples(), readExpectations(DIR)]);
  assert.deepEqual(Object.keys(expected).sort(), samples.map(({ name }) => name).sort());
  assert.ok(Object.values(expected).every(({ why }) => why.length > 20));
});

test('the samples have all six playbooks and all four verdicts, and each playbook several of them', async () => {
  const expected = Object.values(await readExpectations(DIR));
  const types = new Set(expected.map(({ type }) => type));
  for (const type of [
    'brute_force',
    'malware',
    'phishing',
    'suspicious_ip',
    'lateral_movement',
    'data_exfil',
  ] as const) {
    assert.ok(types.has(type), type);
  }
  assert.deepEqual(new Set(expected.map(({ verdict }) => verdict)), new Set(VERDICTS));
  for (const type of ALERT_TYPES) {
    const verdicts = expected.filter((each) => each.type === type).map(({ verdict }) => verdict);
    assert.ok(verdicts.length >= 4, type);
    assert.ok(new Set(verdicts).size >= 2, type);
    assert.ok(verdicts.includes('malicious') && verdicts.includes('benign'), type);
  }
});

test('some samples carry no type, so that classification is seen', async () => {
  const samples = await readSamples();
  assert.ok(samples.filter(({ alert }) => alert.alert_type === undefined).length >= 5);
});

test('the first sample is the one everybody knows', async () => {
  const first = (await readSamples()).find(({ name }) => name.startsWith('brute_force/01-'))!.alert;
  const { alert_type, src_ip, username, source, severity } = first;
  assert.deepEqual(
    { alert_type, src_ip, username, source, severity },
    {
      alert_type: 'brute_force',
      src_ip: '185.220.101.1',
      username: 'administrator',
      source: 'firewall',
      severity: 'high',
    },
  );
});
