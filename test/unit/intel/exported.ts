import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { TLP_LABELS } from '../../../domain/alert';
import type { ExportedIoc, IocExport } from '../../../domain/intel/exports/export';
import { stixExport } from '../../../domain/intel/exports/stix';
import { IOC_TYPES } from '../../../domain/intel/indicator';
import { readValue } from '../../../domain/intel/value';
import { MD5, NOW } from './reading';

export function documentOf(format: IocExport, iocs: readonly ExportedIoc[]): string {
  return format.begin() + iocs.map((ioc) => format.entry(ioc)).join('') + format.end();
}

export function stixFormat(): IocExport {
  return stixExport({
    identity: 'A team',
    now: NOW,
    sha1: (bytes) => createHash('sha1').update(bytes).digest(),
  });
}

export function exported(rest: Partial<ExportedIoc> = {}): ExportedIoc {
  return {
    type: 'md5',
    value: MD5,
    standing: { confidence: 74.3, state: 'active' },
    base_confidence: 80,
    first_seen: '2026-10-01T00:00:00.123456Z',
    last_seen: '2026-10-05T00:00:00.654321Z',
    expires_at: null,
    sources: ['a feed'],
    tlp: null,
    tags: [],
    reference: null,
    flags: [],
    listed: false,
    ...rest,
  };
}

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const label = fc.stringMatching(/^[a-z0-9]{1,12}$/);
const host = label.map((name) => `${name}.example.net`);
const path = fc.string({ unit: fc.constantFrom(...`abz019/.-_~'"?&=%,;:@!$()*+\\| #\u00fc`), maxLength: 30 });

const texts: Record<ExportedIoc['type'], fc.Arbitrary<string>> = {
  ip: fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.tuple(fc.ipV4(), fc.integer({ min: 8, max: 32 })).map((parts) => parts.join('/')),
    fc.tuple(fc.ipV6(), fc.integer({ min: 16, max: 128 })).map((parts) => parts.join('/')),
  ),
  domain: host,
  url: fc.tuple(host, path).map(([name, rest]) => `http://${name}/${rest}`),
  email: fc.tuple(fc.stringMatching(/^[a-z+=_'-]{1,12}$/), host).map((parts) => parts.join('@')),
  md5: hex(32),
  sha1: hex(40),
  sha256: hex(64),
};

/** Values as they stand in the database. */
const value = fc
  .constantFrom(...IOC_TYPES)
  .chain((type) => texts[type].map((text) => readValue(type, text)))
  .filter((read) => read.ok && readValue(read.type, read.value).ok)
  .map((read) => (read.ok ? { type: read.type, value: read.value } : { type: 'md5' as const, value: MD5 }));

const micros = fc
  .tuple(fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2026, 10, 1) }), fc.integer({ min: 0, max: 999 }))
  .map(([ms, micro]) => new Date(ms).toISOString().replace('Z', `${String(micro).padStart(3, '0')}Z`));
const tag = fc
  .oneof(
    fc.stringMatching(/^[a-z][a-z0-9:=" _.-]{0,20}[a-z0-9"]$/),
    fc.constantFrom('=cmd()', '+1', '-1+2', '@x', '\u00fcber', 'misp-galaxy:tool="X"'),
  )
  .filter((text) => !/^tlp|^(?:null|none|unknown)$/.test(text));

/** Entries with all they may have, last seen no later than now. */
export const iocs: fc.Arbitrary<ExportedIoc[]> = fc.uniqueArray(
  fc
    .record({
      value,
      times: fc.tuple(micros, micros).map((times) => times.toSorted()),
      confidence: fc.integer({ min: 1, max: 100 }),
      expires: fc.option(fc.constant('2027-01-01T00:00:00.000001Z')),
      tlp: fc.option(fc.constantFrom(...TLP_LABELS)),
      tags: fc.uniqueArray(tag, { maxLength: 4 }),
      reference: fc.option(fc.constantFrom('https://a.example.org/x?y=1', 'MISP event 1', '=HYPERLINK("x")', 'a, "b"')),
    })
    .map(({ value: { type, value: text }, times: [first = NOW, last = NOW], confidence, expires, ...rest }) =>
      exported({
        type,
        value: text,
        first_seen: first,
        last_seen: last,
        standing: { confidence: confidence / 2, state: 'active' },
        base_confidence: confidence,
        expires_at: expires,
        ...rest,
      }),
    ),
  { maxLength: 20, selector: ({ type, value: text }) => `${type} ${text}` },
);
