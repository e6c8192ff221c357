import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clock, defangAddresses, hostDefanger, hostsOf, shortened, visible } from '../../../activities/report/show';

describe('visible', () => {
  it('names hidden characters and keeps lines and tabs', () => {
    assert.equal(visible('a\u202eb\u200bc\u0000d\te\r\nf'), 'a[U+202E]b[U+200B]c[U+0000]d\te\nf');
    assert.equal(visible('\ud800'), '[U+D800]');
  });

  it('leaves letters of every script alone', () => {
    for (const text of ['Müller', 'Пароль', 'كلمة', '請求書 🔒']) assert.equal(visible(text), text);
  });

  it('cuts piled-up marks', () => {
    assert.equal(visible(`a${'\u0301'.repeat(50)}b`), `a${'\u0301'.repeat(3)}b`);
  });
});

describe('defanging', () => {
  it('breaks web addresses in running text', () => {
    assert.equal(
      defangAddresses('see HTTPS://a.b.example:8443/x.html, ok'),
      'see HxxPS://a[.]b[.]example:8443/x.html, ok',
    );
    assert.equal(defangAddresses('ftp://a.example www.b.example'), 'ftp[:]//a[.]example www[.]b[.]example');
  });

  it('breaks the named hosts and their subdomains, not names that only look alike', () => {
    const defang = hostDefanger(['t.co', 'evil.example']);
    assert.equal(
      defang('t.co target.com x.evil.example a@evil.example evil.example.org'),
      't[.]co target.com x.evil[.]example a@evil[.]example evil.example.org',
    );
    assert.equal(hostDefanger([])('a.example'), 'a.example');
  });

  it('finds the host of an observable', () => {
    assert.deepEqual(hostsOf('url', 'http://u:p@a.example:81/x'), ['a.example']);
    assert.deepEqual(hostsOf('email', 'me@b.example'), ['b.example']);
    assert.deepEqual(hostsOf('url', 'not an address'), []);
    assert.deepEqual(hostsOf('ip', '192.0.2.1'), []);
  });
});

describe('small forms', () => {
  it('writes instants for people', () => {
    assert.equal(clock('2026-11-23T12:00:00.123456Z'), '2026-11-23 12:00:00 UTC');
    assert.equal(clock('yesterday'), 'yesterday');
  });

  it('cuts long texts', () => {
    assert.equal(shortened('abcdef', 4), 'abcd … (2 more characters in the JSON report)');
    assert.equal(shortened('abcd', 4), 'abcd');
  });
});
