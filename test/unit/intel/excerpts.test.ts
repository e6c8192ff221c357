import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openIntel } from '../../../domain/intel/read-intel';
import type { Finding } from '../../../domain/intel/format';
import { normaliseValue } from '../../../domain/normalise';
import type { ObservableType } from '../../../domain/observable';

/** Real threat intelligence is not ours to ship: it is read where it lies beside the project. */
const FOLDER = process.env.SOAR_SHARED_DATA ?? join(__dirname, '../../../../shared/data');
const MANIFEST = join(FOLDER, 'intel', 'manifest.jsonl');
const skip = existsSync(MANIFEST) ? false : `no threat intelligence at ${FOLDER} (SOAR_SHARED_DATA)`;

interface Entry {
  file: string;
  expected?: { type: string; value: string }[];
  must_not_import?: string[];
}

const entries = skip
  ? []
  : readFileSync(MANIFEST, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Entry);

function read(file: string): { format: string | undefined; findings: Finding[] } {
  const reader = openIntel({ now: '2026-11-29T12:00:00Z' });
  const findings = [...reader.push(readFileSync(join(FOLDER, 'intel', file))), ...reader.end()];
  return { format: reader.format?.name, findings };
}

function imported(findings: readonly Finding[]): string[] {
  const names = findings.flatMap((finding) =>
    finding.kind === 'indicator' ? `${finding.indicator.type}:${finding.indicator.value}` : [],
  );
  return [...new Set(names)].sort();
}

/** In the spelling that values have here. */
function expected(entry: Entry): string[] {
  const names = (entry.expected ?? []).map(({ type, value }) => {
    const own = (type === 'cidr' ? 'ip' : type) as ObservableType;
    return `${own}:${normaliseValue(own, value) ?? value}`;
  });
  return [...new Set(names)].sort();
}

/** Sentences may name more mail addresses and hosts than somebody listed. */
function isMore(name: string, file: string): boolean {
  return file.startsWith('reports/') && file.endsWith('.txt') && /^(?:email|domain):/.test(name);
}

describe('excerpts of real threat intelligence', { skip }, () => {
  for (const entry of entries) {
    test(`${entry.file} gives what it holds`, () => {
      const { format, findings } = read(entry.file);
      const wanted = expected(entry);
      const got = imported(findings).filter((name) => wanted.includes(name) || !isMore(name, entry.file));
      assert.deepEqual(got, wanted, `read as ${format}`);
    });
  }

  test('nothing is imported that must not be', () => {
    for (const { file, must_not_import: never = [] } of entries) {
      const values = imported(read(file).findings).map((name) => name.slice(name.indexOf(':') + 1).toLowerCase());
      const bad = never.flatMap((text) => text.toLowerCase().split(/[\s,]+/)).filter((word) => values.includes(word));
      assert.deepEqual(bad, [], file);
    }
  });
});
