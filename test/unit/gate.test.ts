import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Alert } from '../../domain/alert';
import { withheld } from '../../domain/gate';
import type { Observable, ObservableFlag } from '../../domain/observable';

const alert = (tlp?: Alert['tlp']): Alert => ({ source: 'test', ...(tlp ? { tlp } : {}) });
const address = (...flags: ObservableFlag[]): Observable => ({
  type: 'ip',
  value: '185.220.101.1',
  roles: ['source'],
  flags,
});

describe('the gate to outside sources', () => {
  it('lets a public observable of an unlabelled alert pass', () => {
    assert.equal(withheld(address(), [alert()]), undefined);
    assert.equal(withheld(address(), []), undefined);
  });

  for (const tlp of ['clear', 'green', 'amber'] as const) {
    it(`lets TLP:${tlp} pass`, () => assert.equal(withheld(address(), [alert(tlp)]), undefined));
  }

  for (const tlp of ['red', 'amber+strict'] as const) {
    it(`withholds TLP:${tlp} and says so`, () => {
      assert.deepEqual(withheld(address(), [alert(tlp)]), {
        state: 'not_sent',
        reason: `the alert is TLP:${tlp.toUpperCase()}`,
      });
    });
  }

  it('withholds when only one of many alerts forbids it', () => {
    assert.equal(withheld(address(), [alert('clear'), alert(), alert('red')])?.state, 'not_sent');
  });

  for (const flag of ['private', 'reserved'] as const) {
    it(`has nothing to ask about a ${flag} address`, () => {
      assert.equal(withheld(address(flag), [alert()])?.state, 'not_applicable');
    });
  }

  for (const flag of ['own', 'internal_name'] as const) {
    it(`keeps what is ${flag} inside`, () => assert.equal(withheld(address(flag), [alert()])?.state, 'not_sent'));
  }

  it('withholds whatever the order of flags', () => {
    assert.ok(withheld(address('private', 'own'), [alert()]));
    assert.ok(withheld(address('own', 'private'), [alert()]));
    assert.ok(withheld(address('empty_file', 'own'), [alert()]));
  });

  it('lets the hash of an empty file pass: it tells nothing about us', () => {
    assert.equal(withheld(address('empty_file'), [alert()]), undefined);
  });
});
