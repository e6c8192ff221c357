import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MD5, readBytes, readDocument, SHA1, SHA256, valuesOf } from './reading';

const lines = (...all: string[]): string => all.join('\n');

describe('lists as people send them', () => {
  it('may have headings above values of all kinds', () => {
    const read = readDocument(
      lines('Domains:', 'evil-shop[.]com', 'bad-bank[.]com', 'IPs:', '185.220.101[.]1', 'Hashes (SHA-256):', SHA256),
    );
    assert.deepEqual(valuesOf(read), [
      'domain evil-shop.com',
      'domain bad-bank.com',
      'ip 185.220.101.1',
      `sha256 ${SHA256}`,
    ]);
    assert.deepEqual(read.problems, []);
  });

  it('take no name of a file behind its hash for a domain', () => {
    const read = readDocument(lines(`${MD5}  invoice.zip`, `${SHA1} *run.sh`, `${SHA256},main.py`, `${MD5} ${SHA1}`));
    assert.deepEqual(valuesOf(read), [`md5 ${MD5}`, `sha1 ${SHA1}`, `sha256 ${SHA256}`, `md5 ${MD5}`, `sha1 ${SHA1}`]);
  });

  it('take no name of a file for a domain where files are named', () => {
    const files = ['update.zip', 'run.sh', 'main.py', 'README.md'];
    for (const sign of [MD5, `${SHA256}  a.bin`, 'invoice.exe']) {
      for (const text of [lines(sign, ...files), lines(...files, sign)]) {
        const read = readDocument(lines(text, 'evil-shop.com', 'evil-shop[.]zip', 'cdn.bad-bank.pl'));
        const domains = read.indicators.filter(({ type }) => type === 'domain').map(({ value }) => value);
        assert.deepEqual(domains, ['evil-shop.com', 'evil-shop.zip', 'cdn.bad-bank.pl']);
        const told = read.problems.filter((problem) => /Is written like a file name; give type=domain/.test(problem));
        assert.equal(told.length, 4, text);
      }
    }
  });

  it('take such a name for a domain where nothing else is a file, or where the type is given', () => {
    const alone = readDocument(
      lines('evil-shop.com', 'evil-shop.zip', 'bad-bank.pl', '185.220.101.1', 'good.sh # seen'),
    );
    assert.deepEqual(alone.problems, []);
    assert.equal(alone.indicators.length, 5);
    const typed = readBytes(Buffer.from(lines('evil-shop.zip', MD5)), { format: 'list', type: 'domain' });
    assert.deepEqual(valuesOf(typed), ['domain evil-shop.zip']);
    const blocked = readDocument(lines('0.0.0.0 evil-shop.zip', '||bad-bank.sh^', MD5), 'list');
    assert.deepEqual(valuesOf(blocked), ['domain evil-shop.zip', 'domain bad-bank.sh', `md5 ${MD5}`]);
  });

  it('keep links with commas and semicolons whole', () => {
    const links = ['http://evil-shop.com/a,b/index.php', 'https://evil-shop.com/x;id=1234?a=b', "https://a.de/it's,me"];
    const read = readDocument(lines(...links, 'hxxp://bad-bank[.]com/a;b  # seen', 'http://bad-bank.com/'));
    assert.deepEqual(
      read.indicators.map(({ value }) => value),
      [...links, 'http://bad-bank.com/a;b', 'http://bad-bank.com/'],
    );
  });

  it('keep links whole of which many have as many commas', () => {
    for (const links of [
      ['http://evil-shop.com/a,b/index.php', 'hxxp://bad-bank[.]com/c,d.php', 'http://bad-bank.com/'],
      ['https://evil-shop.com/x;id=1234?a=b', 'https://evil-shop.com/y;jsessionid=ABC12'],
    ]) {
      const read = readDocument(lines(...links));
      assert.equal(read.format, 'list');
      assert.deepEqual(
        read.indicators.map(({ value }) => value.toLowerCase()),
        links.map((link) => link.replace('hxxp', 'http').replace('[.]', '.').toLowerCase()),
      );
    }
  });

  it('are tables where cells of their own stand behind links', () => {
    for (const others of [
      ',phishing',
      ',2024-03-14',
      ',https://a.de/b?c=d',
      ',14/03/2024,a/b',
      ', seen at once',
      ',RU',
    ]) {
      const read = readDocument(lines(`http://evil-shop.com/a${others}`, `http://bad-bank.com/b${others}`));
      assert.equal(read.format, 'csv', others);
      assert.deepEqual(valuesOf(read), ['url http://evil-shop.com/a', 'url http://bad-bank.com/b']);
    }
  });

  it('have one spelling of a link, whatever stood at its end', () => {
    for (const end of ['', '?', '?;#x', ';?#', '??;']) {
      assert.deepEqual(valuesOf(readDocument(`http://evil-shop.com/a${end}`)), ['url http://evil-shop.com/a'], end);
    }
  });

  it('say of each line why it is refused, also when most are', () => {
    const read = readDocument(lines('com', 'localhost', '10.0.0.0/7', '2001::/8', '185.220.101.1'));
    assert.deepEqual(valuesOf(read), ['ip 185.220.101.1']);
    assert.equal(read.problems.length, 4);
  });

  it('flag a range that holds addresses used inside', () => {
    const read = readDocument(lines('172.0.0.0/8', '192.160.0.0/11', '172.0.0.0/12', '185.0.0.0/8'));
    const flags = read.findings.map((finding) => (finding.kind === 'indicator' ? finding.flags : []));
    assert.deepEqual(flags, [['private'], ['private'], [], []]);
  });
});

describe('tables as spreadsheets make them', () => {
  it('have days and minutes of many kinds, and decimals with a comma', () => {
    const read = readDocument(
      lines(
        'sep=;',
        'ioc;type;first seen;malicious confidence',
        '185.220.101.1;ip;3/14/2024 10:22;0,85',
        '185.220.101.2;ip;14/03/2024 2:05 PM;80,4 %',
        '185.220.101.3;ip;14.03.2024 08:15;high',
        '185.220.101.4;ip;14-Mar-24;5',
        '185.220.101.5;ip;March 14, 2024;',
        '185.220.101.6;ip;45365;101',
      ),
    );
    assert.deepEqual(
      read.indicators.map(({ first_seen, confidence }) => [first_seen?.slice(0, 16), confidence]),
      [
        ['2024-03-14T10:22', 85],
        ['2024-03-14T14:05', 80],
        ['2024-03-14T08:15', 85],
        ['2024-03-14T00:00', 5],
        ['2024-03-14T00:00', undefined],
        [undefined, undefined],
      ],
    );
    assert.deepEqual(read.problems, []);
  });

  it('have all days with slashes in one order, which the first that tells decides', () => {
    const days = (...dates: string[]): (string | undefined)[] =>
      readDocument(
        lines('ip,first seen', ...dates.map((date, index) => `185.220.101.${index + 1},${date}`)),
      ).indicators.map((indicator) => indicator.first_seen?.slice(0, 10));
    assert.deepEqual(days('03/04/2024', '14/03/2024'), ['2024-04-03', '2024-03-14']);
    assert.deepEqual(days('14/03/24', '03/04/24 2:05 PM'), ['2024-03-14', '2024-04-03']);
    assert.deepEqual(days('03/04/2024', '3/14/2024'), ['2024-03-04', '2024-03-14']);
    assert.deepEqual(days('03/04/2024'), ['2024-03-04']);
    const late = days(...Array<string>(40).fill('03/04/2024'), '14/03/2024', '03/04/2024');
    assert.deepEqual([late[39], late[41]], ['2024-03-04', '2024-04-03']);
  });

  it('may have titles above their header', () => {
    const addresses = [1, 2, 3, 4, 5].map((last) => `185.220.101.${last}`);
    const rows = ['Type,Value,Malware', ...addresses.map((address) => `ip,${address},Emotet`)];
    for (const titles of [
      ['Threat report'],
      ['Indicators,,', 'Created 2024-03-14,,', ',,'],
      ['a', 'b', 'c', 'd', 'e'],
    ]) {
      const read = readDocument(lines(...titles, ...rows));
      assert.deepEqual(
        read.indicators.map(({ value }) => value),
        addresses,
        titles.join(),
      );
      assert.deepEqual(read.indicators[0]?.tags, ['Emotet']);
      assert.deepEqual(
        read.problems,
        titles.map((title) => `unsupported ${title}: Stands above the header of the table`),
      );
    }
  });

  it('may call their columns as programs do, and say what is benign', () => {
    const read = readDocument(
      lines(
        'IndicatorType,IndicatorValue,ExpirationTime,Action',
        'IpAddress,185.220.101.1,2027-01-01T00:00:00.0Z,Block',
        'DomainName,good-shop.com,,Allowed',
        `File-Hash,${MD5},,Block`,
        `FileSha256,${SHA256},,Block`,
      ),
    );
    assert.deepEqual(valuesOf(read), ['ip 185.220.101.1', `md5 ${MD5}`, `sha256 ${SHA256}`]);
    assert.equal(read.indicators[0]?.expires_at?.slice(0, 10), '2027-01-01');
    assert.match(read.problems.join(), /Is said to be benign/);
  });

  it('refuse what is not of the type that a single column has', () => {
    const read = readDocument(lines('ip', '185.220.101.1', 'evil-shop.com', '185.220.101.2'));
    assert.deepEqual(read.problems, ['refused evil-shop.com: Is a domain, not an address']);
  });

  it('take no column that always says the same for values', () => {
    const read = readDocument(
      lines('evil-shop.com\tphishing\topenphish.com', 'bad-bank.com\tphishing\topenphish.com', ''),
    );
    assert.deepEqual(valuesOf(read), ['domain evil-shop.com', 'domain bad-bank.com']);
  });
});

describe('what comes instead of a list', () => {
  it('is refused as a whole: pages, whatever they link to, and XML', () => {
    const page = lines('<!DOCTYPE html>', '<html><body>', '<a href="https://login.vendor.com/">Sign in</a>', '</html>');
    const xml = lines(
      '<?xml version="1.0"?>',
      '<OpenIOC xmlns="http://openioc.org/schemas/OpenIOC_1.1">',
      '</OpenIOC>',
    );
    for (const text of [page, `\n<html>\r\n${page}`, xml]) {
      for (const format of [undefined, 'list']) {
        const read = readDocument(text, format);
        assert.deepEqual(valuesOf(read), []);
        assert.equal(read.problems.length, 1);
      }
    }
    assert.match(readDocument(page).problems[0] ?? '', /Is a web page, not a list of indicators/);
  });
});

describe('a report that defangs what is dangerous', () => {
  it('names sites and pages to read without a scheme, too', () => {
    const read = readDocument(
      lines(
        'The kit at evil-shop[.]com/kit and hxxps://bad-bank.com/a?b=1 called hxxp://www.bad-bank.com/c all the time.',
        'More of it is told at www.example.org, and at twitter.com/somebody by those who saw it first.',
      ),
      'text',
    );
    assert.deepEqual(valuesOf(read), [
      'url https://bad-bank.com/a?b=1',
      'url http://www.bad-bank.com/c',
      'url http://evil-shop.com/kit',
    ]);
  });
});

describe('sentences', () => {
  it('name ranges, also defanged ones', () => {
    const read = readDocument(
      lines(
        'They came from 185.220.101.0/24, 185.220.102[.]0/23 (all of it) and 2a0d:c2c0::/32.',
        'Not from hxxp://185.220.103.1/24, from 185.220.104.1/32 or from 185.0.0.0/7.',
      ),
      'text',
    );
    assert.deepEqual(
      valuesOf(read).sort(),
      [
        ...['ip 185.220.101.0/24', 'ip 185.220.102.0/23', 'ip 185.220.104.1', 'ip 2a0d:c2c0::/32'],
        'url http://185.220.103.1/24',
      ].sort(),
    );
    assert.match(read.problems.join(), /^refused 185.0.0.0\/7: Is too broad a range[^,]*, where \/8 is the shortest$/);
  });

  it('number sections and versions like addresses', () => {
    const text = [
      'As Section 4.1.2.3 says, version 10.0.19041.1 and v1.2.3.4 are hit, so are versions 5.6.7.8, 5.6.7.9 and 5.6.8.0.',
      'See \u00a7 4.1.2.4 and figure 2.3.4.5; version 1.2.3.4 of it calls 185.220.101.1 from 185.220.101.2.',
    ];
    assert.deepEqual(valuesOf(readDocument(lines(...text), 'text')), ['ip 185.220.101.1', 'ip 185.220.101.2']);
  });
});

describe('a small document with one broken item', () => {
  const id = (kind: string): string => `${kind}--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f`;
  const indicator = (name: string): object => ({
    ...{ type: 'indicator', id: id('indicator'), pattern_type: 'stix', pattern: `[domain-name:value = '${name}']` },
  });
  const objects = ['evil-shop.com', 'bad-bank.com', 'worse-bank.com'].map(indicator);
  const bundle = JSON.stringify({ type: 'bundle', id: id('bundle'), objects }, null, 1);
  const attribute = (value: string): object => ({ type: 'domain', category: 'Network activity', to_ids: true, value });
  const answer = { response: { Attribute: ['evil-shop.com', 'bad-bank.com', 'worse-bank.com'].map(attribute) } };

  it('is recognised by what stands before, and the others are kept', () => {
    for (const [format, text] of [
      ['stix', bundle.replace(/"pattern": ("\[domain-name:value = 'bad)/, '"pattern" $1')],
      ['misp', JSON.stringify(answer).replace('"bad-bank.com"', 'bad-bank.com')],
      ['misp', JSON.stringify(answer.response.Attribute).replace('"bad-bank.com"', '"bad-bank.com",')],
    ] as const) {
      const read = readDocument(text);
      assert.equal(read.format, format);
      assert.deepEqual(valuesOf(read), ['domain evil-shop.com', 'domain worse-bank.com']);
      assert.equal(read.problems.length, 1);
      assert.match(read.problems[0] ?? '', /Is no JSON$/);
    }
  });

  it('is not what begins with a bracket only', () => {
    assert.deepEqual(valuesOf(readDocument('{evil-shop.com, bad-bank.com}\nbad-bank.com\n')), ['domain bad-bank.com']);
  });
});

describe('rules of Emerging Threats', () => {
  const options = 'msg:"ET DROP x"; reference:url,www.spamhaus.org/drop; classtype:misc-attack; sid:1;';
  it('give the addresses that they watch, and nothing from their options', () => {
    assert.equal(readDocument(`alert ip 185.220.101.1 any -> $HOME_NET any (${options})`).format, 'suricata');
    const named = readDocument(`alert ip [2a0d:1::1] any -> $HOME_NET any (${options})`);
    assert.deepEqual(valuesOf(named), ['ip 2a0d:1::1']);
  });

  it('are told by line where they name none', () => {
    const { indicators, problems } = readDocument(
      lines(
        `alert ip [185.220.101.0/24,185.220.102.1] any -> $HOME_NET any (${options} metadata:updated_at 2024_03_14;)`,
        `alert tcp $HOME_NET any -> [185.220.103.1,!185.220.103.2] 443 (${options})`,
        `#alert ip [185.220.104.1] any -> $HOME_NET any (${options})`,
        `alert dns $HOME_NET any -> any any (msg:"ET MALWARE y"; dns.query; content:"evil-shop.com"; sid:2;)`,
        `pass ip 185.220.105.1 any -> any any (${options})`,
      ),
    );
    assert.deepEqual(
      indicators.map(({ value, last_seen, tags }) => [value, last_seen?.slice(0, 10), tags]),
      [
        ['185.220.101.0/24', '2024-03-14', ['misc-attack']],
        ['185.220.102.1', '2024-03-14', ['misc-attack']],
        ['185.220.103.1', undefined, ['misc-attack']],
      ],
    );
    assert.deepEqual(
      problems.map((problem) => problem.replace(/^.*: /, '')),
      ['Is a rule that names no addresses', 'Is a rule of what is let through'],
    );
  });

  it('may have a line among them that is none', () => {
    const broken = readDocument(lines(`alert ip 185.220.101.1 any -> any any (${options})`, 'alert'), 'suricata');
    assert.deepEqual(valuesOf(broken), ['ip 185.220.101.1']);
    assert.deepEqual(broken.problems, ['refused alert: Is no rule']);
  });
});

describe('dumps of abuse.ch as JSON', () => {
  const record = (value: string): object => ({ ioc_value: value, ioc_type: 'domain', threat_type: 'botnet_cc' });
  const dump = JSON.stringify({ 1243: [record('evil-shop.com')], 1244: [record('bad-bank.com')] }, null, 1);

  it('are read record by record, each with its line and its id', () => {
    const read = readDocument(dump);
    assert.equal(read.format, 'threatfox-json');
    assert.deepEqual(
      read.findings.map(({ line }) => line),
      [3, 10],
    );
    assert.deepEqual(
      read.indicators.map(({ reference }) => reference),
      ['https://threatfox.abuse.ch/ioc/1243/', 'https://threatfox.abuse.ch/ioc/1244/'],
    );
  });

  it('keep the good records beside one that is broken', () => {
    const read = readDocument(dump.replace('"bad-bank.com"', 'bad-bank.com'), 'threatfox-json');
    assert.deepEqual(valuesOf(read), ['domain evil-shop.com']);
    assert.equal(read.problems.length, 1);
  });

  it('are no text when their beginning is broken', () => {
    const read = readDocument(dump.replace('"evil-shop.com"', 'evil-shop.com'));
    assert.deepEqual(valuesOf(read), []);
    assert.equal(read.problems.length, 1);
  });
});

it('fingerprints of SSLBL are no hashes of files', () => {
  const read = readDocument(
    lines('# ja3_md5,Firstseen,Lastseen,Listingreason', `${MD5},2017-07-14 18:08:15,2019-07-27 20:42:54,Dridex`),
  );
  assert.deepEqual(valuesOf(read), []);
  assert.deepEqual(read.problems, [`unsupported ${MD5}: Is a JA3 fingerprint, not the hash of a file`]);
});

describe('bundles of OpenCTI', () => {
  const id = (kind: string): string => `${kind}--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f`;
  const marking = { type: 'marking-definition', id: id('marking-definition'), name: 'TLP:AMBER+STRICT' };
  const indicator = {
    ...{ type: 'indicator', id: id('indicator'), pattern_type: 'stix', created: '2024-03-14T10:00:00Z' },
    ...{ pattern: "[hostname:value = 'c2.evil-shop.com']", object_marking_refs: [marking.id] },
  };

  it('may define a marking behind what is marked', () => {
    const { indicators } = readDocument({ type: 'bundle', id: id('bundle'), objects: [indicator, marking] });
    assert.deepEqual(
      indicators.map(({ tlp }) => tlp),
      ['amber+strict'],
    );
  });

  it('have names of hosts of their own, and markings that only their name tells', () => {
    const { indicators } = readDocument({ type: 'bundle', id: id('bundle'), objects: [marking, indicator] });
    assert.deepEqual(
      indicators.map(({ type, value, tlp }) => [type, value, tlp]),
      [['domain', 'c2.evil-shop.com', 'amber+strict']],
    );
  });
});
