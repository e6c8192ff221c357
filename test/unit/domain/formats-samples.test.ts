import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { PROJECT_ROOT } from '../../../config/home';
import { classify, filedAs } from '../../../domain/classify';
import { FORMATS, parseSubmission, type ParsedAlert } from '../../../domain/formats';
import { openMail } from '../../../domain/formats/mail';
import { NOW } from './cases';

const SAMPLES = join(PROJECT_ROOT, 'samples', 'formats');
const WITHOUT_SAMPLES = ['canonical', 'unrecognised'];

/** All fields of an alert as it is filed, with the format that understood it; without the source, which is the format. */
function filed({ format, alert, eventClasses }: ParsedAlert): Record<string, unknown> {
  const { source, ...fields } = filedAs(alert, classify(alert, { format, eventClasses }).alert_type);
  if (format !== 'generic') assert.equal(source, format);
  return { format, ...fields };
}

describe('samples of the formats', () => {
  for (const folder of readdirSync(SAMPLES)) {
    const expected = JSON.parse(readFileSync(join(SAMPLES, folder, 'expected.json'), 'utf8')) as Record<
      string,
      object | object[]
    >;
    const files = readdirSync(join(SAMPLES, folder)).filter((name) => name !== 'expected.json');
    for (const file of files) {
      test(`${folder}/${file} is understood as expected`, async () => {
        const body = await openMail(readFileSync(join(SAMPLES, folder, file), 'utf8'));
        const parsed = parseSubmission({ body, receivedAt: NOW }).map(filed);
        assert.deepEqual(parsed, [expected[file]].flat());
      });
    }
    test(`${folder}: every expectation has its file`, () => {
      assert.deepEqual(Object.keys(expected).sort(), files.sort());
    });
  }

  test('are there for every format', () => {
    const names = FORMATS.map(({ name }) => name).filter((name) => !WITHOUT_SAMPLES.includes(name));
    assert.deepEqual(
      names.filter((name) => !readdirSync(SAMPLES).includes(name)),
      [],
    );
  });
});
