import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { classify, filedAs } from '../../../domain/classify';
import { parseSubmission } from '../../../domain/formats';
import { openMail } from '../../../domain/formats/mail';
import { NOW } from './cases';

/** Alerts of real products are not ours to ship: they are read where they lie beside the project. */
const FOLDER = process.env.SOAR_SHARED_DATA ?? join(__dirname, '../../../../shared/data');
const MANIFEST = join(FOLDER, 'alerts', 'manifest.jsonl');
const SCORER = join(FOLDER, 'score-alerts.mjs');
const skip = existsSync(MANIFEST) ? false : `no recorded alerts at ${FOLDER} (SOAR_SHARED_DATA)`;

test('real alerts are understood as an analyst does: type and severity 95 %, fields 98 %', { skip }, async () => {
  const files = readFileSync(MANIFEST, 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { file: string }).file);
  const lines: string[] = [];
  for (const file of files) {
    const body = await openMail(readFileSync(join(FOLDER, 'alerts', file), 'utf8'));
    for (const { alert, format, eventClasses } of parseSubmission({ body, receivedAt: NOW })) {
      const type = classify(alert, { format, eventClasses }).alert_type;
      lines.push(JSON.stringify({ file, alert: filedAs(alert, type) }));
    }
  }
  const scored = spawnSync(process.execPath, [SCORER, MANIFEST, '--misses'], { input: lines.join('\n') });
  assert.equal(scored.status, 0, `${scored.stdout.toString()}${scored.stderr.toString()}`);
});
