import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { withheld } from '../../../domain/gate';
import { parseSubmission } from '../../../domain/formats';
import { tlpOf } from '../../../domain/tlp';
import { NOW } from './cases';

const address = { type: 'ip' as const, value: '185.220.101.1', roles: ['source' as const], flags: [] };

describe('the traffic light', () => {
  for (const tag of ['tlp:red', 'TLP:RED', 'TLP:AMBER+STRICT', 'tlp:amber-strict', 'tlp="red"', 'tlp red']) {
    test(`of tag ${tag} keeps it inside`, () => {
      assert.equal(withheld(address, [{ source: 'x', tags: ['a', tag] }])?.state, 'not_sent');
    });
  }

  test('of a tag that cannot be read may forbid anything, so it forbids all; what only begins like one does not', () => {
    const spelled = [
      'TLP.RED',
      '"TLP:RED"',
      '{TLP:RED}',
      'TLPRED',
      'TLP：RED',
      'TLP2:RED',
      'TLP:amber&strict',
      'tlp:purple',
    ];
    for (const tag of [...spelled, 'TLP:AMBER + STRICT']) {
      assert.equal(withheld(address, [{ source: 'x', tags: [tag] }])?.state, 'not_sent', tag);
    }
    assert.equal(tlpOf({ source: 'x', tags: ['[TLP:CLEAR]'] }), 'clear');
    assert.equal(tlpOf({ source: 'x', tags: ['tlpt-exercise', 'red'] }), undefined);
  });

  test('is the stricter of field and tags', () => {
    assert.equal(tlpOf({ source: 'x', tlp: 'clear', tags: ['tlp:red'] }), 'red');
    assert.equal(tlpOf({ source: 'x', tlp: 'amber', tags: ['tlp:white', 'red'] }), 'amber');
    assert.equal(tlpOf({ source: 'x', tags: ['red', 'tlp:white'] }), 'clear');
    assert.equal(tlpOf({ source: 'x' }), undefined);
  });

  const written: [string, string][] = [
    ['TLP:RED', 'red'],
    ['RED', 'red'],
    ['white', 'clear'],
    ['TLP:Amber+Strict', 'amber+strict'],
    [' green ', 'green'],
  ];
  for (const [text, label] of written) {
    test(`may be written ${text}`, () => {
      const [parsed] = parseSubmission({ body: { source: 'x', hostname: 'h', tlp: text }, receivedAt: NOW });
      assert.equal(parsed?.alert.tlp, label);
    });
  }
});
