import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MD5, readDocument, SHA1, SHA256, valuesOf } from './reading';

const lines = (...all: string[]): string => all.join('\r\n');
const DAY = '2026-11-20T10:00:00.000000Z';
const LATER = '2026-11-21T00:00:00.000000Z';

describe('the table of', () => {
  it('URLhaus, by the names of its columns', () => {
    const old = lines(
      '# abuse.ch URLhaus',
      '# id,dateadded,url,url_status,threat,tags,urlhaus_link,reporter',
      '"1","2026-11-20 10:00:00","http://185.220.101.1:81/i","online","malware_download","elf,mips","https://urlhaus.abuse.ch/url/1/","me"',
    );
    const about = {
      first_seen: DAY,
      reference: 'https://urlhaus.abuse.ch/url/1/',
      tags: ['elf', 'mips', 'malware_download'],
    };
    const url = { type: 'url', value: 'http://185.220.101.1:81/i' };
    const read = readDocument(old);
    assert.equal(read.format, 'urlhaus-csv');
    assert.deepEqual(read.indicators, [{ ...url, ...about, last_seen: DAY }]);
    const now = lines(
      '# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter',
      '"1","2026-11-20 10:00:00","http://185.220.101.1:81/i","online","2026-11-21 00:00:00","malware_download","elf,mips","https://urlhaus.abuse.ch/url/1/","me"',
      '"2","2026-11-20 10:00:00","http://127.0.0.1/i","offline","","malware_download","None","https://urlhaus.abuse.ch/url/2/","me"',
    );
    const later = readDocument(now);
    assert.deepEqual(later.indicators, [{ ...url, ...about, last_seen: LATER }]);
    assert.match(later.problems.join(), /^refused http:\/\/127\.0\.0\.1\/i: .*loopback/);
  });

  it('ThreatFox, with words for the types and commas in its tags', () => {
    const read = readDocument(
      lines(
        '# "first_seen_utc","ioc_id","ioc_value","ioc_type","threat_type","fk_malware","malware_alias","malware_printable","last_seen_utc","confidence_level","is_compromised","reference","tags","anonymous","reporter"',
        '"2026-11-20 10:00:00", "7", "185.220.101.1:7777", "ip:port", "botnet_cc", "win.x", "A,B", "Some RAT", "", "75", "0", "None", "rat,c2", "0", "me"',
        `"2026-11-20 10:00:00", "8", "${SHA256}", "sha256_hash", "payload", "win.x", "", "Some RAT", "2026-11-21 00:00:00", "100", "1", "None", "None", "0", "me"`,
        `"2026-11-20 10:00:00", "9", "${SHA256}", "sha3_384_hash", "payload", "win.x", "", "Some RAT", "", "100", "0", "None", "None", "0", "me"`,
        '# Number of entries: 3',
      ),
    );
    assert.equal(read.format, 'threatfox-csv');
    assert.deepEqual(read.indicators, [
      {
        type: 'ip',
        value: '185.220.101.1',
        confidence: 75,
        first_seen: DAY,
        last_seen: DAY,
        tags: ['rat', 'c2', 'Some RAT', 'botnet_cc'],
        reference: 'https://threatfox.abuse.ch/ioc/7/',
      },
      {
        type: 'sha256',
        value: SHA256,
        confidence: 100,
        first_seen: DAY,
        last_seen: LATER,
        tags: ['Some RAT', 'payload', 'compromised'],
        reference: 'https://threatfox.abuse.ch/ioc/8/',
      },
    ]);
    assert.deepEqual(
      read.findings.map(({ kind }) => kind),
      ['indicator', 'indicator', 'unsupported'],
    );
  });

  it('Feodo, MalwareBazaar and SSLBL', () => {
    const feodo = readDocument(
      lines(
        '"first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"',
        '"2026-11-20 10:00:00","185.220.101.1","443","online","2026-11-21","SomeBot"',
      ),
    );
    assert.equal(feodo.format, 'feodo-csv');
    assert.deepEqual(feodo.indicators, [
      { type: 'ip', value: '185.220.101.1', first_seen: DAY, last_seen: LATER, tags: ['SomeBot'] },
    ]);
    const bazaar = readDocument(
      lines(
        '# "first_seen_utc","sha256_hash","md5_hash","sha1_hash","reporter","file_name","file_type_guess","mime_type","signature","clamav","vtpercent","imphash","ssdeep","tlsh"',
        `"2026-11-20 10:00:00", "${SHA256}", "${MD5}", "${SHA1}", "me", "a.exe", "exe", "x", "SomeBot", "n/a", "33", "${MD5}", "3:a:b", "T1"`,
      ),
    );
    assert.equal(bazaar.format, 'malwarebazaar-csv');
    assert.deepEqual(valuesOf(bazaar), [`sha256 ${SHA256}`, `sha1 ${SHA1}`, `md5 ${MD5}`]);
    assert.deepEqual(bazaar.indicators[1]?.tags, ['SomeBot']);
    const sslbl = readDocument(lines('# Listingdate,SHA1,Listingreason', `2026-11-20 10:00:00,${SHA1},SomeBot C&C`));
    assert.deepEqual(sslbl.indicators, []);
    assert.match(sslbl.problems.join(), /certificate/);
  });

  it('MISP, with several headers, composite types and context that does not count', () => {
    const read = readDocument(
      lines(
        'uuid,event_id,category,type,value,comment,to_ids,date',
        'u1,9,Network activity,ip-dst,"185.220.101.1","a ""C2"", seen',
        'on two lines",1,20261120',
        'u2,9,Network activity,domain|ip,"evil-shop.com|185.220.101.2","",1,1795341600',
        `u3,9,Payload delivery,filename|sha256,"a.exe|${SHA256}","",0,20261120`,
        'u4,9,External analysis,link,"https://blog-somebody.com/","",0,20261120',
        'uuid,event_id,category,type,value,comment,to_ids,date,attribute_tag',
        'u5,10,Network activity,url,"http://evil-shop.com/a","",1,20261120,"tlp:amber,kit"',
        'u6,10,Network activity,url,"http//evil-shop.com/b","",1,20261120,""',
      ),
    );
    assert.equal(read.format, 'misp-csv');
    assert.deepEqual(
      read.indicators.map(({ type, value, confidence, tlp, tags }) => [type, value, confidence, tlp, tags]),
      [
        ['ip', '185.220.101.1', undefined, undefined, undefined],
        ['domain', 'evil-shop.com', undefined, undefined, undefined],
        ['ip', '185.220.101.2', undefined, undefined, undefined],
        ['sha256', SHA256, 10, undefined, ['to_ids:false']],
        ['url', 'http://evil-shop.com/a', undefined, 'amber', ['kit']],
      ],
    );
    assert.equal(read.indicators[0]?.first_seen, '2026-11-20T00:00:00.000000Z');
    assert.equal(read.indicators[1]?.first_seen, '2026-11-22T10:00:00.000000Z');
    assert.deepEqual(
      read.findings.map(({ line }) => line),
      [2, 4, 4, 5, 6, 8, 9],
    );
    assert.match(read.problems.join('\n'), /^unsupported .*\nrefused http\/\/evil-shop.com\/b: .*broken link/);
  });

  it('ViriBack: two indicators a row, the day first', () => {
    const read = readDocument(
      lines('Family,URL,IP,FirstSeen', 'SomeBot,http://evil-shop.com/admin.php,185.220.101.1,03-10-2026'),
    );
    assert.equal(read.format, 'viriback');
    assert.deepEqual(valuesOf(read), ['url http://evil-shop.com/admin.php', 'ip 185.220.101.1']);
    assert.equal(read.indicators[0]?.first_seen, '2026-10-03T00:00:00.000000Z');
  });

  it('TweetFeed and Bambenek, which have no header', () => {
    const tweets = readDocument(
      lines(
        '2026-11-20 10:00:00,someone,domain,evil-shop.com,#phishing #kit,https://x.com/someone/status/1',
        `2026-11-20 10:00:00,someone,sha256,${SHA256},,https://x.com/someone/status/2`,
      ),
    );
    assert.equal(tweets.format, 'tweetfeed');
    assert.deepEqual(valuesOf(tweets), ['domain evil-shop.com', `sha256 ${SHA256}`]);
    assert.deepEqual(tweets.indicators[0]?.tags, ['phishing', 'kit']);
    assert.equal(tweets.indicators[0]?.reference, 'https://x.com/someone/status/1');
    const bambenek = readDocument(
      lines(
        '## feed, jcb@evil-shop.com // http://bad-bank.com',
        'evil-shop.com,Domain used by one/two,2026-11-20 10:00,http://manual.bad-bank.com/one.txt',
        '185.220.101.1,IP used by three C&C,2026-11-20 10:00,http://manual.bad-bank.com/three.txt',
      ),
    );
    assert.equal(bambenek.format, 'bambenek');
    assert.deepEqual(
      bambenek.indicators.map(({ value, first_seen, tags }) => [value, first_seen, tags]),
      [
        ['evil-shop.com', DAY, ['one', 'two']],
        ['185.220.101.1', DAY, ['three']],
      ],
    );
  });
});
