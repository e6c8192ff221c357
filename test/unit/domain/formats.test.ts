import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  InvalidAlertError,
  parseSubmission,
  TooManyAlertsError,
  type FieldError,
  type ParsedAlert,
} from '../../../domain/formats';
import { NOW } from './cases';

function parse(body: unknown): ParsedAlert {
  const [parsed, ...others] = parseSubmission({ body, receivedAt: NOW });
  assert.equal(others.length, 0);
  assert.ok(parsed);
  return parsed;
}

function errorsOf(body: unknown): FieldError[] {
  try {
    parse(body);
  } catch (error) {
    assert.ok(error instanceof InvalidAlertError);
    return error.errors;
  }
  return assert.fail('it was accepted');
}

describe('a canonical alert', () => {
  test('is normalised: addresses, times, hashes, techniques and lists', () => {
    const { format, alert } = parse({
      source: ' firewall ',
      src_ip: '::ffff:185.220.101.1',
      dest_ip: '2001:DB8:0:0::1',
      timestamp: '2026-11-23T14:00:00+02:00',
      mitre: 't1110.001',
      email_to: 'a@b.example',
      urls: 'https://a.example/',
      tags: 'x',
      file_hashes: ['D41D8CD98F00B204E9800998ECF8427E', 'DA39A3EE5E6B4B0D3255BFEF95601890AFD80709'],
    });
    assert.equal(format, 'canonical');
    assert.deepEqual(alert, {
      severity: 'medium',
      source: 'firewall',
      timestamp: '2026-11-23T12:00:00.000000Z',
      src_ip: '185.220.101.1',
      dest_ip: '2001:db8::1',
      urls: ['https://a.example/'],
      file_hashes: ['d41d8cd98f00b204e9800998ecf8427e', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
      email_to: ['a@b.example'],
      mitre: ['T1110.001'],
      tags: ['x'],
      file_hash: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    });
  });

  test('has every offending field named at once', () => {
    const errors = errorsOf({
      source: '',
      alert_type: 'virus',
      severity: 'urgent',
      timestamp: 'now',
      src_ip: '1.2.3.400',
      host_ip: '',
      dest_port: 65_536,
      src_port: '443',
      bytes_out: -1,
      failed_attempts: 1.5,
      executed: 'yes',
      mitre: ['T1110', 'TA0001', 7],
      file_hash: 'abc',
      file_hashes: 5,
      tlp: 'purple',
      domain: 'no domain',
      url: 'http://evil.com:99999/',
      urls: ['https://ok.com/', ':'],
      title: 'x'.repeat(2001),
    });
    assert.deepEqual(
      errors.map(({ pointer }) => pointer).sort(),
      [
        '/alert_type',
        '/bytes_out',
        '/dest_port',
        '/executed',
        '/failed_attempts',
        '/file_hash',
        '/file_hashes',
        '/host_ip',
        '/mitre/1',
        '/mitre/2',
        '/severity',
        '/source',
        '/src_ip',
        '/src_port',
        '/timestamp',
        '/title',
        '/tlp',
        '/domain',
        '/url',
        '/urls/1',
      ].sort(),
    );
    assert.match(errors.find(({ pointer }) => pointer === '/severity')?.detail ?? '', /low, medium, high, critical/);
  });

  test('keeps unknown keys, drops null and empty values', () => {
    const { alert, extra, original } = parse({
      source: 'x',
      title: '',
      username: null,
      hostname: 'h',
      vendor: { a: [1] },
    });
    assert.deepEqual(alert, { severity: 'medium', source: 'x', hostname: 'h' });
    assert.deepEqual(extra, { vendor: { a: [1] } });
    assert.deepEqual(original, { source: 'x', title: '', username: null, hostname: 'h', vendor: { a: [1] } });
  });

  test('may not hold NUL bytes or lone surrogates in its fields', () => {
    const errors = errorsOf({ source: 'a\0b', username: '\ud800', tags: ['ok', '\udfff'], raw_log: '😀' });
    assert.deepEqual(
      errors.map(({ pointer }) => pointer),
      ['/source', '/username', '/tags/1'],
    );
  });

  test('without a source, but with one of our types, is told what is missing', () => {
    const body = { alert_type: 'brute_force', src_ip: '185.220.101.1' };
    assert.deepEqual(errorsOf(body), [{ pointer: '/source', detail: 'is required' }]);
    assert.deepEqual(errorsOf({ ...body, source: 5 }), [{ pointer: '/source', detail: 'must be a string' }]);
  });

  test('is one by its shape: a source or type of any scalar kind and another key of ours', () => {
    const pointers = (given: unknown) => errorsOf(given).map(({ pointer }) => pointer);
    assert.deepEqual(pointers({ alert_type: 'virus', hostname: 'h' }), ['/source', '/alert_type']);
    for (const source of [5, true, null]) assert.deepEqual(pointers({ source, src_ip: 'x' }), ['/source', '/src_ip']);
    assert.equal(parse({ source: { ip: '1.2.3.4' }, alert_type: 'malware', tags: ['x'] }).format, 'generic');
    assert.equal(parse({ hostname: 'h', severity: 'low' }).format, 'generic');
  });

  test('may name an inside domain or link', () => {
    const { alert } = parse({ source: 'x', domain: 'CORP', url: 'http://intranet/x', urls: ['evil[.]com/x', ''] });
    assert.equal(alert.domain, 'CORP');
    assert.equal(alert.url, 'http://intranet/x');
  });

  test('refuses a hash that is a placeholder', () => {
    assert.equal(errorsOf({ source: 'x', file_hash: '0'.repeat(32) })[0]?.pointer, '/file_hash');
  });

  test('cannot happen tomorrow: it is dated by its arrival, and what it said is kept', () => {
    const far = '2027-01-01T00:00:00Z';
    const { alert, extra } = parse({ source: 'x', hostname: 'h', timestamp: far });
    assert.equal(alert.timestamp, NOW);
    assert.deepEqual(extra, { timestamp_given: far });
    assert.deepEqual(parse({ source: 'x', hostname: 'h', timestamp: '2026-11-24T11:00:00Z' }).extra, {});
  });

  test('cannot pollute a prototype', () => {
    const { extra } = parse(
      JSON.parse('{"source":"x","hostname":"h","__proto__":{"admin":true},"constructor":{"a":1}}'),
    );
    assert.equal(({} as { admin?: boolean }).admin, undefined);
    assert.equal(Object.getPrototypeOf(extra), Object.prototype);
    assert.deepEqual(Object.keys(extra), ['__proto__', 'constructor']);
  });

  test('is also read from text that is JSON', () => {
    assert.equal(parse('\n{"source":"sns","src_ip":"185.220.101.1"}').format, 'canonical');
  });
});

describe('anything else', () => {
  test('is read by its names rather than by a product that knows the shape and nothing in it', () => {
    const body = { id: { applicationName: 'login' }, type: 'login' };
    assert.equal(parse(body).format, 'google_workspace');
    const { format, alert } = parse({ ...body, source_ip: '203.0.113.9', host_name: 'web-1' });
    assert.deepEqual([format, alert.src_ip, alert.hostname], ['generic', '203.0.113.9', 'web-1']);
  });

  test('is kept unclassified, with its source when it has one', () => {
    const { format, alert, extra } = parse({ source: 'acme', event: 1 });
    assert.equal(format, 'unrecognised');
    assert.deepEqual(alert, { source: 'acme', alert_type: 'unclassified', severity: 'medium' });
    assert.deepEqual(extra, { event: 1 });
  });

  test('with names that we know is read by them', () => {
    const { format, alert } = parse({ source: { ip: '1.2.3.4' }, tags: ['x'] });
    assert.equal(format, 'generic');
    assert.deepEqual(alert, { source: 'generic', src_ip: '1.2.3.4', tags: ['x'] });
  });

  for (const body of [{ event: 1 }, '{broken', 'Failed password']) {
    test(`${JSON.stringify(body)} is unclassified`, () => {
      const { alert } = parse(body);
      assert.equal(alert.source, 'unknown');
      assert.equal(alert.alert_type, 'unclassified');
    });
  }

  for (const body of [{}, 7, null, true, '{}']) {
    test(`${JSON.stringify(body)} is nothing to keep`, () => assert.equal(errorsOf(body)[0]?.pointer, ''));
  }

  test('that is text can be searched for what it holds', () => {
    const { alert } = parse('Failed password\0 from 185.220.101.1');
    assert.equal(alert.raw_log, 'Failed password  from 185.220.101.1');
    assert.equal(alert.src_ip, '185.220.101.1');
  });

  test('an array holds several, of which each must hold something', () => {
    const two = parseSubmission({
      body: [
        { source: 'x', src_ip: '192.0.2.1' },
        { source: 'x', hostname: 'h' },
      ],
      receivedAt: NOW,
    });
    assert.deepEqual(
      two.map(({ alert }) => alert.src_ip ?? alert.hostname),
      ['192.0.2.1', 'h'],
    );
    assert.deepEqual(errorsOf([]), [{ pointer: '', detail: 'must not be empty' }]);
    assert.deepEqual(errorsOf([{ source: 'x', hostname: 'h' }, {}]), [{ pointer: '/1', detail: 'must not be empty' }]);
    assert.deepEqual(errorsOf([[]]), [{ pointer: '/0', detail: 'must not be an array in an array' }]);
  });

  test('holds no more alerts than one submission may, however they are packed', () => {
    const many = (count: number) => Array.from({ length: count }, (_, nth) => ({ source: 'x', hostname: `h${nth}` }));
    const packed: Record<string, unknown> = {
      'a list': { alerts: many(1001) },
      'a list in text': { message: JSON.stringify(many(1001)) },
      'an array': many(1001),
      'lines of JSON': many(1001)
        .map((one) => JSON.stringify(one))
        .join('\n'),
      'lines that begin like records': '{\n'.repeat(60_000),
      'lines like headless CEF': '1|\n'.repeat(60_000),
      'empty ones in text': { message: `[${'{},'.repeat(40_000)}{}]` },
      'lists in lists': {
        data: Array.from({ length: 200 }, () => ({ data: Array.from({ length: 200 }, () => ({ a: 1 })) })),
      },
    };
    for (const [how, body] of Object.entries(packed)) {
      assert.throws(() => parseSubmission({ body, receivedAt: NOW }), TooManyAlertsError, how);
    }
    assert.equal(parseSubmission({ body: { alerts: many(1000) }, receivedAt: NOW }).length, 1000);
  });

  test('what nothing after us can hold is refused', () => {
    assert.deepEqual(
      errorsOf(JSON.parse('{"source":"x","a":{"b/c":1e400}}')).map(({ pointer }) => pointer),
      ['/a/b~1c'],
    );
    const deep = JSON.parse(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`) as unknown;
    assert.match(errorsOf(deep)[0]?.detail ?? '', /nested/);
  });
});

test('parsing throws nothing but InvalidAlertError', () => {
  const keys = fc.constantFrom(
    'source',
    'src_ip',
    'mitre',
    'dest_port',
    'timestamp',
    'alert_type',
    'urls',
    '__proto__',
    'x',
  );
  const bodies = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.dictionary(keys, fc.jsonValue()));
  fc.assert(
    fc.property(bodies, (body) => {
      try {
        assert.ok(parse(Array.isArray(body) ? 'x' : body).alert.source.length > 0);
      } catch (error) {
        assert.ok(error instanceof InvalidAlertError);
        assert.ok(error.errors.length > 0);
      }
    }),
    { numRuns: 500 },
  );
});
