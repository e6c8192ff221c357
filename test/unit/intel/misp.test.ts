import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CONTEXT_CONFIDENCE } from '../../../domain/intel/misp-attribute';
import { MD5, SHA256, readDocument, valuesOf } from './reading';

const UUID = '5f0c1a2b-0000-4000-8000-000000000001';

function attribute(type: string, value: string, rest: object = {}): object {
  return { type, value, category: 'Network activity', to_ids: true, timestamp: '1790000000', deleted: false, ...rest };
}

function event(attributes: unknown, rest: object = {}): object {
  return { info: 'A campaign', uuid: UUID, date: '2026-09-20', Attribute: attributes, ...rest };
}

describe('MISP', () => {
  const address = attribute('ip-dst', '198.51.100.4');
  const wrapped: [string, unknown][] = [
    ['a file of a feed', { Event: event([address]) }],
    ['an answer', { response: [{ Event: event([address]) }] }],
    ['an answer of attributes', { response: { Attribute: [{ ...address, Event: { uuid: UUID } }] } }],
    ['bare', event([address])],
    ['a list', [{ Event: event([address]) }]],
    ['a list of bare ones', [event([address])]],
    ['an attribute that is no list', { Event: event(address) }],
    ['in an object', { Event: event([], { Object: [{ name: 'network-connection', Attribute: [address] }] }) }],
    ['one a line', [{ Event: event([address]) }, { Event: event([]) }].map((each) => JSON.stringify(each)).join('\n')],
  ];
  for (const [what, document] of wrapped) {
    test(what, () => {
      const read = readDocument(document);
      assert.equal(read.format, 'misp');
      assert.deepEqual(read.problems, []);
      assert.deepEqual(read.indicators, [
        {
          type: 'ip',
          value: '198.51.100.4',
          first_seen: '2026-09-21T14:13:20.000000Z',
          last_seen: '2026-09-21T14:13:20.000000Z',
          reference: `MISP event ${UUID}`,
        },
      ]);
    });
  }

  test('targets are none, whatever to_ids says', () => {
    const category = 'Targeting data';
    const read = readDocument(
      event([
        address,
        attribute('email-dst', 'bob@bad-bank.com', { category }),
        attribute('target-org', 'A bank', { category }),
      ]),
    );
    assert.deepEqual(valuesOf(read), ['ip 198.51.100.4']);
    assert.deepEqual(
      read.problems.map((problem) => problem.replace(/^.*: /, '')),
      ['Names a target, not what attacked it', 'Names a target, not what attacked it'],
    );
  });

  test('composite types are each of their parts that can be looked up', () => {
    const read = readDocument(
      event([
        attribute('domain|ip', 'a.example.net|198.51.100.4'),
        attribute('ip-dst|port', '198.51.100.5|443'),
        attribute('filename|sha256', `a|b.exe|${SHA256}`),
        attribute('malware-sample', `c.exe|${MD5}`),
        attribute('hostname|port', 'b.example.net|8080'),
        attribute('regkey|value', 'HKLM\\Run|c.exe'),
      ]),
    );
    assert.deepEqual(valuesOf(read), [
      'domain a.example.net',
      'ip 198.51.100.4',
      'ip 198.51.100.5',
      `sha256 ${SHA256}`,
      `md5 ${MD5}`,
      'domain b.example.net',
    ]);
    assert.deepEqual(read.problems, [
      'unsupported HKLM\\Run|c.exe: Is of type regkey|value, which cannot be looked up',
    ]);
  });

  test('what is only context is kept, but counts for nothing; what somebody has read is not kept', () => {
    const read = readDocument(
      event([
        attribute('ip-src', '198.51.100.4', { to_ids: false }),
        attribute('url', 'https://blog.example.org/a', { to_ids: false, category: 'External analysis' }),
        attribute('link', 'https://blog.example.org/b', { to_ids: true, category: 'External analysis' }),
      ]),
    );
    assert.deepEqual(valuesOf(read), ['ip 198.51.100.4']);
    assert.equal(read.indicators[0]?.confidence, CONTEXT_CONFIDENCE);
    assert.deepEqual(read.indicators[0].tags, ['to_ids:false']);
    assert.deepEqual(
      read.problems.map((text) => text.split(': ').at(-1)),
      ['Is context only (External analysis, to_ids is false)', 'Is of type link, which cannot be looked up'],
    );
  });

  test('what is deleted is skipped, whole objects too', () => {
    const deleted = [true, '1', 1].map((each) => attribute('ip-dst', '198.51.100.4', { deleted: each }));
    const object = { deleted: true, Attribute: [attribute('ip-dst', '198.51.100.5')] };
    assert.deepEqual(readDocument(event(deleted, { Object: [object] })).findings, []);
  });

  test('tags of event and attribute; the strictest light holds', () => {
    const tagged = attribute('domain', 'a.example.net', { Tag: [{ name: 'tlp:amber' }, { name: 'apt' }] });
    const [read] = readDocument(
      event([tagged], { Tag: [{ name: 'tlp:white' }, { name: 'misp-galaxy:tool="X"' }] }),
    ).indicators;
    assert.equal(read?.tlp, 'amber');
    assert.deepEqual(read.tags, ['misp-galaxy:tool="X"', 'apt']);
  });

  test('sightings are dated by the attribute', () => {
    const dated = attribute('domain', 'a.example.net', {
      first_seen: '2026-08-01T00:00:00+02:00',
      last_seen: '2026-08-03T00:00:00.000000+00:00',
    });
    const [read] = readDocument(event([dated])).indicators;
    assert.equal(read?.first_seen, '2026-07-31T22:00:00.000000Z');
    assert.equal(read.last_seen, '2026-08-03T00:00:00.000000Z');
  });

  const refused: [string, unknown, RegExp][] = [
    [
      'a warning list',
      {
        description: 'd',
        list: ['198.51.100.4'],
        matching_attributes: ['ip-dst'],
        name: 'n',
        type: 'cidr',
        version: 1,
      },
      /warning list/,
    ],
    [
      'a warning list that is larger than what is looked at',
      { description: 'd', list: Array.from({ length: 20_000 }, (_, n) => `198.51.${n}`), matching_attributes: [] },
      /warning list/,
    ],
    ['descriptions of feeds', [{ Feed: { name: 'x', url: 'https://feed.example.org/' } }], /Describes feeds/],
    [
      'the manifest of a feed',
      { [UUID]: { Orgc: { name: 'x' }, info: 'A campaign', timestamp: '1790000000' } },
      /Import the events/,
    ],
  ];
  for (const [what, document, reason] of refused) {
    test(`${what} is refused as a whole`, () => {
      const read = readDocument(document);
      assert.deepEqual(read.indicators, []);
      assert.equal(read.problems.length, 1);
      assert.match(read.problems.join(), reason);
    });
  }
});
