import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MD5, SHA1, SHA256, readDocument, valuesOf } from './reading';

describe('OTX pulses', () => {
  const pulse = {
    id: 'abc',
    name: 'A pulse',
    created: '2026-09-01T10:00:00.123000',
    TLP: 'green',
    tags: ['banker', 'android'],
    indicators: [
      { indicator: '198.51.100.4', type: 'IPv4', created: '2026-09-02T10:00:00' },
      { indicator: SHA256, type: 'FileHash-SHA256' },
      { indicator: 'CVE-2026-1234', type: 'CVE' },
      { indicator: 'a.example.net', type: 'hostname', is_active: 0 },
    ],
  };
  for (const [what, document] of [
    ['one', pulse],
    ['a list', [pulse]],
    ['an answer', { count: 1, results: [pulse] }],
  ] as const) {
    test(what, () => {
      const read = readDocument(document);
      assert.equal(read.format, 'otx');
      assert.deepEqual(valuesOf(read), ['ip 198.51.100.4', `sha256 ${SHA256}`]);
      assert.deepEqual(read.indicators[0], {
        type: 'ip',
        value: '198.51.100.4',
        first_seen: '2026-09-02T10:00:00.000000Z',
        last_seen: '2026-09-02T10:00:00.000000Z',
        tlp: 'green',
        tags: ['banker', 'android'],
        reference: 'https://otx.alienvault.com/pulse/abc',
      });
      assert.equal(read.problems.length, 2);
    });
  }
});

describe('Recorded Future', () => {
  function entity(name: string, type: string, risk: object): object {
    return {
      entity: { id: 'x', name, type },
      risk,
      timestamps: { firstSeen: '2026-01-01T00:00:00Z', lastSeen: '2026-09-01T00:00:00Z' },
    };
  }

  test('only what it suspects is read', () => {
    const read = readDocument(
      [
        entity('198.51.100.4', 'IpAddress', {
          score: 89,
          criticality: 3,
          evidenceDetails: [{ rule: 'Current C&C Server' }],
        }),
        entity('198.51.100.5', 'IpAddress', { score: 0, criticality: 0, criticalityLabel: 'None' }),
        entity('198.51.100.6', 'IpAddress', { score: 24, criticality: 1, criticalityLabel: 'Unusual' }),
        entity('198.51.100.7', 'IpAddress', {}),
        entity('198.51.100.8', 'IpAddress', { score: '99', criticality: 'high' }),
        entity(SHA1, 'Hash', { score: 65, criticality: 3 }),
        entity('Someone', 'Person', { score: 65, criticality: 3 }),
      ]
        .map((each) => JSON.stringify(each))
        .join('\n'),
    );
    assert.deepEqual(valuesOf(read), ['ip 198.51.100.4', `sha1 ${SHA1}`]);
    assert.equal(read.indicators[0]?.confidence, 89);
    assert.deepEqual(read.indicators[0].tags, ['Current C&C Server']);
    assert.match(read.problems[1] ?? '', /198\.51\.100\.6: Is not suspected: its risk is 24 \(Unusual\)/);
  });

  test('as its API answers', () => {
    const results = [entity('a.example.net', 'InternetDomainName', { score: 70, criticality: 3 })];
    assert.deepEqual(valuesOf(readDocument({ data: { results } })), ['domain a.example.net']);
  });
});

describe('abuse.ch', () => {
  const url = {
    id: '1',
    urlhaus_reference: 'https://urlhaus.abuse.ch/url/1/',
    url: 'http://198.51.100.4:8080/bin.sh',
    date_added: '2026-09-01 10:00:00 UTC',
    threat: 'malware_download',
    tags: ['elf', 'mozi'],
  };
  const dumped = {
    dateadded: '2026-09-01 10:00:00 UTC',
    url: url.url,
    threat: 'malware_download',
    tags: null,
    urlhaus_link: url.urlhaus_reference,
  };

  test('URLhaus: an answer', () => {
    const read = readDocument({ query_status: 'ok', urls: [url] });
    assert.equal(read.format, 'urlhaus-json');
    assert.deepEqual(read.indicators, [
      {
        type: 'url',
        value: 'http://198.51.100.4:8080/bin.sh',
        first_seen: '2026-09-01T10:00:00.000000Z',
        last_seen: '2026-09-01T10:00:00.000000Z',
        tags: ['elf', 'mozi', 'malware_download'],
        reference: 'https://urlhaus.abuse.ch/url/1/',
      },
    ]);
  });

  test('URLhaus: a dump by id', () => {
    const read = readDocument({ 1: [dumped], 2: [{ ...dumped, url: 'http://a.example.net/x' }] });
    assert.deepEqual(valuesOf(read), ['url http://198.51.100.4:8080/bin.sh', 'url http://a.example.net/x']);
  });

  test('ThreatFox: an answer and a dump', () => {
    const ioc = {
      id: '7',
      ioc: '198.51.100.4:443',
      ioc_type: 'ip:port',
      confidence_level: 75,
      malware_printable: 'Cobalt Strike',
      first_seen: '2026-09-01 10:00:00 UTC',
      last_seen: null,
      reference: null,
      tags: ['c2'],
      threat_type: 'botnet_cc',
    };
    const read = readDocument({ query_status: 'ok', data: [ioc, { ...ioc, ioc: 'x', ioc_type: 'sha3_384_hash' }] });
    assert.equal(read.format, 'threatfox-json');
    assert.deepEqual(read.indicators, [
      {
        type: 'ip',
        value: '198.51.100.4',
        confidence: 75,
        first_seen: '2026-09-01T10:00:00.000000Z',
        last_seen: '2026-09-01T10:00:00.000000Z',
        tags: ['c2', 'Cobalt Strike', 'botnet_cc'],
        reference: 'https://threatfox.abuse.ch/ioc/7/',
      },
    ]);
    assert.deepEqual(read.problems, ['unsupported x: Is of type sha3_384_hash, which cannot be looked up']);
    const dump = {
      7: [
        {
          ioc_value: 'a.example.net',
          ioc_type: 'domain',
          confidence_level: 50,
          tags: 'c2,win',
          first_seen_utc: '2026-09-01 10:00:00',
        },
      ],
    };
    assert.deepEqual(readDocument(dump).indicators[0]?.tags, ['c2', 'win']);
  });

  test('MalwareBazaar: each hash of a sample that can be looked up', () => {
    const sample = {
      sha256_hash: SHA256,
      sha3_384_hash: 'ff',
      sha1_hash: SHA1,
      md5_hash: MD5,
      first_seen: '2026-09-01 10:00:00',
      last_seen: null,
      file_type: 'exe',
      signature: 'Emotet',
      tags: ['exe'],
      imphash: MD5,
    };
    const read = readDocument({ query_status: 'ok', data: [sample] });
    assert.equal(read.format, 'malwarebazaar-json');
    assert.deepEqual(valuesOf(read), [`sha256 ${SHA256}`, `sha1 ${SHA1}`, `md5 ${MD5}`]);
    assert.deepEqual(read.indicators[2]?.tags, ['exe', 'Emotet']);
    assert.deepEqual(readDocument(JSON.stringify(sample)).indicators, read.indicators);
  });

  test('Feodo Tracker', () => {
    const read = readDocument([
      {
        ip_address: '198.51.100.4',
        port: 443,
        status: 'offline',
        first_seen: '2026-01-01 10:00:00',
        last_online: '2026-09-01',
        malware: 'QakBot',
      },
    ]);
    assert.equal(read.format, 'feodo-json');
    assert.equal(read.indicators[0]?.last_seen, '2026-09-01T00:00:00.000000Z');
    assert.deepEqual(read.indicators[0].tags, ['QakBot']);
  });
});
