import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PROJECT_ROOT } from '../../../config/home';
import { classify } from '../../../domain/classify';
import { FORMATS, InvalidAlertError, parseSubmission } from '../../../domain/formats';
import { canonicalAlertSchema } from '../../../domain/formats';
import { openMail } from '../../../domain/formats/mail';
import { NOW } from './cases';

const SAMPLES = join(PROJECT_ROOT, 'samples', 'formats');
const samples = readdirSync(SAMPLES).flatMap((folder) =>
  readdirSync(join(SAMPLES, folder))
    .filter((name) => name !== 'expected.json')
    .map((name) => readFileSync(join(SAMPLES, folder, name), 'utf8')),
);
/** Long enough for the slowest machine; what is not linear takes for ever. */
const HANG = { timeout: 60_000 };

/** Whatever comes in: alerts that can be filed, or a refusal that names its fields. */
function isUnderstoodOrRefused(body: unknown): void {
  try {
    for (const { alert, format, eventClasses } of parseSubmission({ body, receivedAt: NOW })) {
      assert.ok(canonicalAlertSchema.safeParse(alert).success, JSON.stringify(alert).slice(0, 500));
      classify(alert, { format, eventClasses });
    }
  } catch (error) {
    if (!(error instanceof InvalidAlertError)) throw error;
    assert.ok(error.errors.length > 0);
  }
}

/** A sample with something of it replaced, cut out or doubled. */
const damaged = fc
  .record({
    sample: fc.constantFrom(...samples),
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(200),
    put: fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '"', '\\', '|', '=', '\n', '\0', '{', ']', '<', '𝟙'),
    ),
  })
  .map(({ sample, from, length, put }) => {
    const at = Math.floor(from * sample.length);
    return sample.slice(0, at) + put + sample.slice(at + length);
  });

const HOSTILE = fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty');

describe('no document makes a format fail', HANG, () => {
  test('damaged samples', async () => {
    await fc.assert(
      fc.asyncProperty(damaged, async (text) => isUnderstoodOrRefused(await openMail(text))),
      { numRuns: 1500 },
    );
  });

  test('JSON of any shape under the names that formats look for', () => {
    const names = [...new Set(samples.join(' ').match(/(?<=")[\w.@-]{2,40}(?="\s*:)/g))];
    const key = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: HOSTILE });
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.constantFrom(...samples)),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 8 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, tree, { minKeys: 1, maxKeys: 8 }), (body) => {
        isUnderstoodOrRefused(JSON.parse(JSON.stringify(body)));
        assert.equal(({} as Record<string, unknown>).polluted, undefined);
      }),
      { numRuns: 1500 },
    );
  });

  test('every format, told to read what it does not know', () => {
    for (const { name } of FORMATS) {
      for (const body of [
        { a: 1 },
        { alerts: [{}] },
        'x',
        { message: '{"a":' },
        JSON.parse('{"__proto__":{"polluted":1}}'),
      ]) {
        try {
          parseSubmission({ body, format: name, receivedAt: NOW });
        } catch (error) {
          assert.ok(error instanceof InvalidAlertError, `${name}: ${String(error)}`);
        }
      }
    }
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });
});

describe('a line of 256 kB is read to its end', () => {
  const pieces = [
    'a=',
    'a="',
    'key: v, ',
    '|',
    '\\|',
    'CEF:0|a|b|c|d|e|1|',
    'LEEF:1.0|a|b|c|d|',
    '[',
    '<1>',
    ' ',
    'user ',
    'from ',
    '1.1.1.1 ',
    'x\n',
    '{"a":',
    ',',
    '""',
    "it's ",
    'Jan  1 00:00:00 ',
  ];
  for (const piece of pieces) {
    test(JSON.stringify(piece), HANG, async () => {
      for (const start of [
        '',
        'Nov 20 08:14:03 host app[1]: ',
        'date=2026-01-01 type="utm" logid="1" ',
        'From: a@b.example\nTo: x\nSubject: y\n\n',
      ]) {
        isUnderstoodOrRefused(await openMail(start + piece.repeat(Math.ceil(262_144 / piece.length))));
      }
    });
  }
});
