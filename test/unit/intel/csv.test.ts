import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MD5, readBytes, readDocument, SHA1, SHA256, valuesOf } from './reading';

const lines = (...all: string[]): string => all.join('\r\n');
const DAY = '2026-11-20T10:00:00.000000Z';

describe('a table that nobody knows', () => {
  it('is read by the usual names of its columns', () => {
    const read = readDocument(
      lines(
        'Indicator;Type;Confidence;First Seen;Valid Until;TLP;Tags;Reference;Remark',
        'evil-shop.com;domain;High;20.11.2026;2027-01-01;TLP:GREEN;"kit;shop";https://blog-somebody.com/;see bad-bank.com',
        '185.220.101.1;IPv4;85%;2026-11-20;;;;;',
        `${MD5};MD5;0.5;;;;;;`,
        `${MD5};imphash;50;;;;;;`,
        `${SHA1};widget;50;;;;;;`,
        'bad-bank.com;widget;50;;;;;;',
        `${MD5};SHA-256;50;;;;;;`,
        ';domain;;;;;;;',
      ),
    );
    assert.equal(read.format, 'csv');
    assert.deepEqual(read.indicators, [
      {
        type: 'domain',
        value: 'evil-shop.com',
        confidence: 85,
        first_seen: '2026-11-20T00:00:00.000000Z',
        last_seen: '2026-11-20T00:00:00.000000Z',
        expires_at: '2027-01-01T00:00:00.000000Z',
        tlp: 'green',
        tags: ['kit', 'shop'],
        reference: 'https://blog-somebody.com/',
      },
      {
        type: 'ip',
        value: '185.220.101.1',
        confidence: 85,
        first_seen: '2026-11-20T00:00:00.000000Z',
        last_seen: '2026-11-20T00:00:00.000000Z',
      },
      { type: 'md5', value: MD5, confidence: 50 },
      { type: 'domain', value: 'bad-bank.com', confidence: 50 },
    ]);
    assert.deepEqual(
      read.findings.filter(({ kind }) => kind !== 'indicator').map(({ kind, line }) => `${kind} ${line}`),
      ['unsupported 5', 'unsupported 6', 'refused 8', 'refused 9'],
    );
    assert.match(read.problems.join(), /Is an MD5, not a SHA-256/);
  });

  it('may have several columns with values', () => {
    const read = readDocument(
      lines('name\tIP Address\tdomain\tSHA256', `x\t185.220.101.1\tevil-shop.com\t${SHA256}`, 'y\t185.220.101.2\t\t'),
    );
    assert.deepEqual(valuesOf(read), [
      'ip 185.220.101.1',
      'domain evil-shop.com',
      `sha256 ${SHA256}`,
      'ip 185.220.101.2',
    ]);
  });

  it('may call the type indicator and the value data', () => {
    const read = readDocument(
      lines(
        '\ufeffindicator,Data,Notes',
        'ip_port,185.220.101[.]1:443 ,C2',
        'file_path,C:\\a.exe,',
        'account,mallory@evil-shop.com,',
      ),
    );
    assert.equal(read.format, 'csv');
    assert.deepEqual(valuesOf(read), ['ip 185.220.101.1', 'email mallory@evil-shop.com']);
  });

  it('may have its header in a comment, or none', () => {
    const commented = readDocument(
      lines('# our feed, of bad things', '# ip,port,last_seen', '185.220.101.1,443,2026-11-20 10:00:00'),
    );
    assert.deepEqual(commented.indicators, [{ type: 'ip', value: '185.220.101.1', last_seen: DAY }]);
    const bare = readDocument(
      lines(
        '1,2026-11-20 10:00:00,evil-shop.com,a note',
        '2,2026-11-20 10:00:00,bad-bank.com,another',
        '3,2026-11-20 10:00:00,cmd.exe,',
      ),
    );
    assert.equal(bare.format, 'csv');
    assert.deepEqual(bare.indicators, [
      { type: 'domain', value: 'evil-shop.com', first_seen: DAY, last_seen: DAY },
      { type: 'domain', value: 'bad-bank.com', first_seen: DAY, last_seen: DAY },
    ]);
    assert.match(bare.problems.join(), /cmd.exe: Has no public suffix/);
    const pairs = readDocument(lines('evil-shop.com,bad-bank.com', 'kit-evil.com,zone-evil.com'));
    assert.deepEqual(valuesOf(pairs).length, 4);
    const named = readDocument(lines('185.220.101.1,mail.bad-bank.com,x', '185.220.101.2,www.bad-bank.com,y'));
    assert.deepEqual(valuesOf(named), ['ip 185.220.101.1', 'ip 185.220.101.2']);
    assert.deepEqual(valuesOf(readDocument(lines('ip', '185.220.101.1', '185.220.101.2'))), [
      'ip 185.220.101.1',
      'ip 185.220.101.2',
    ]);
  });

  it('is read as the caller says, by names or numbers', () => {
    const named = lines('what,who,how sure', 'x,evil-shop.com,70', 'y,bad-bank.com,');
    const byName = readBytes(Buffer.from(named), { columns: { value: 'WHO', confidence: 'how sure', tags: 'what' } });
    assert.equal(byName.format, 'csv');
    assert.deepEqual(byName.indicators, [
      { type: 'domain', value: 'evil-shop.com', confidence: 70, tags: ['x'] },
      { type: 'domain', value: 'bad-bank.com', tags: ['y'] },
    ]);
    const numbered = readBytes(Buffer.from(lines('a.com,evil-shop.com', 'b.com,bad-bank.com')), {
      columns: { value: '2' },
    });
    assert.deepEqual(valuesOf(numbered), ['domain evil-shop.com', 'domain bad-bank.com']);
    const missing = readBytes(Buffer.from(named), { columns: { value: 'nowhere' } });
    assert.deepEqual(missing.indicators, []);
    assert.match(missing.problems.join(), /Has no column "nowhere"/);
    assert.equal(missing.problems.length, 1);
  });

  it('keeps its rows where somebody forgot a quote', () => {
    const rows = Array.from({ length: 150 }, (_, index) => `host${index}.evil-shop.com,"note ${index}"`);
    const read = readDocument(
      lines('domain,note', 'first.evil-shop.com,"never ends', ...rows.map((row) => row.replaceAll('"', ''))),
    );
    assert.equal(read.indicators.length, 151);
    const several = readDocument(
      lines('domain,note', 'a.evil-shop.com,"one', 'two ""three"" four"', 'b.evil-shop.com,5" disk'),
    );
    assert.deepEqual(valuesOf(several), ['domain a.evil-shop.com', 'domain b.evil-shop.com']);
  });

  it('may have several values in a cell', () => {
    const read = readDocument(lines('ip,note', '"185.220.101.1, 185.220.101.2",x', '185.220.101.3 185.220.101.4,y'));
    assert.deepEqual(valuesOf(read), ['ip 185.220.101.1', 'ip 185.220.101.2', 'ip 185.220.101.3', 'ip 185.220.101.4']);
  });

  it('has the type that the caller says', () => {
    const read = readBytes(Buffer.from(lines('value,note', 'evil-shop.com,a', '185.220.101.1,b')), { type: 'ip' });
    assert.deepEqual(valuesOf(read), ['ip 185.220.101.1']);
    assert.match(read.problems.join(), /Is a domain, not an address/);
  });
});
