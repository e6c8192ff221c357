import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parse } from 'yaml';
import { createSiteSources, InvalidSiteFileError, parseSite, policyOf, readSiteFile } from '../../../config/site';
import { PROJECT_ROOT } from '../../../config/home';
import { DEFAULT_POLICY } from '../../../domain/policy';
import { DEFAULT_SITE, type SiteKnowledge } from '../../../domain/site';
import { POLICY } from '../../support/sources';

const SAMPLE = join(PROJECT_ROOT, 'samples', 'site.demo.yaml');
const folder = mkdtempSync(join(tmpdir(), 'soar-site-'));
after(() => rmSync(folder, { recursive: true }));

function siteOf(yaml: string): SiteKnowledge {
  return parseSite(parse(yaml), 'site.yaml').site;
}

function problemsOf(yaml: string): readonly string[] {
  try {
    parseSite(parse(yaml), 'site.yaml');
  } catch (error) {
    if (error instanceof InvalidSiteFileError) return error.problems;
    throw error;
  }
  return [];
}

describe('a site file', () => {
  const keys: [key: keyof SiteKnowledge, yaml: string, value: unknown][] = [
    ['own_ranges', '[10.0.0.0/8, "2001:db8::/32"]', ['10.0.0.0/8', '2001:db8::/32']],
    ['own_domains', '[Corp.example, "*.shop.test", .lab.test]', ['corp.example', 'shop.test', 'lab.test']],
    ['privileged_accounts', '[Root, "Domain Admin"]', ['root', 'domain admin']],
    ['risky_users', '[K.Leaver]', ['k.leaver']],
    ['critical_hosts', '[DC01.corp.example]', ['dc01.corp.example']],
    [
      'admin_pairs',
      '[{ source: JUMP01, destination: "*", user: SVC-Deploy }]',
      [{ source: 'jump01', destination: '*', user: 'svc-deploy' }],
    ],
    [
      'known_scanners',
      '[{ range: 10.0.9.0/24, name: Our scanner }, { range: 192.0.2.9, name: B }]',
      [
        { range: '10.0.9.0/24', name: 'Our scanner' },
        { range: '192.0.2.9', name: 'B' },
      ],
    ],
    ['known_destinations', '[Partner.com, 91.198.174.0/24]', ['partner.com', '91.198.174.0/24']],
    ['countries', '{ expected: [de, NO], watched: [kp] }', { expected: ['DE', 'NO'], watched: ['KP'] }],
    ['large_transfer_bytes', '5000', 5000],
    ['many_attempts', '7', 7],
    ['young_domain_days', '90', 90],
    [
      'working_hours',
      '{ timezone: America/New_York, days: [sat, sun], from: "22:00", to: "06:00" }',
      { timezone: 'America/New_York', days: ['sat', 'sun'], from: '22:00', to: '06:00' },
    ],
    ['working_hours', 'null', null],
    [
      'sla',
      '{ low: { acknowledge: 90m, close: 2d }, high: { close: 1.5h } }',
      {
        ...DEFAULT_SITE.sla,
        low: { acknowledge: 90, close: 2 * 24 * 60 },
        high: { acknowledge: 60, close: 90 },
      },
    ],
    [
      'sla',
      '{ critical: { acknowledge: 1s, close: 90s } }',
      { ...DEFAULT_SITE.sla, critical: { acknowledge: 1 / 60, close: 1.5 } },
    ],
    ['sla_reminder_percent', '50', 50],
    ['escalation_levels', '[Shift lead, CISO]', ['Shift lead', 'CISO']],
    ['escalation_levels', '[]', []],
    [
      'classification',
      '[{ type: data_exfil, signature: ["corp: usb *"] }]',
      [{ type: 'data_exfil', signature: ['corp: usb *'] }],
    ],
  ];
  for (const [key, yaml, value] of keys) {
    test(`may say ${key}: ${yaml}, and all else keeps its default`, () => {
      assert.deepEqual(siteOf(`${key}: ${yaml}`), { ...DEFAULT_SITE, [key]: value });
    });
  }

  test('has a test for each of its keys', () => {
    assert.deepEqual([...new Set(keys.map(([key]) => key))].sort(), Object.keys(DEFAULT_SITE).sort());
  });

  test('that is empty leaves all as it is', () => {
    writeFileSync(join(folder, 'empty.yaml'), '# nothing yet\n');
    assert.deepEqual(readSiteFile(join(folder, 'empty.yaml')), { site: DEFAULT_SITE, policy: {} });
  });

  test('may give some countries and leave the others', () => {
    assert.deepEqual(siteOf('countries: { watched: [ir] }').countries, { expected: [], watched: ['IR'] });
  });

  test('is read as YAML 1.2: NO is Norway and no "false"', () => {
    assert.deepEqual(siteOf('countries: { expected: [NO, no] }').countries.expected, ['NO', 'NO']);
  });

  test('names destinations as observables have them, also international ones', () => {
    assert.deepEqual(
      siteOf('known_destinations: [Bücher.example, "*.Partner.com", 2001:DB8::/32]').known_destinations,
      ['xn--bcher-kva.example', 'partner.com', '2001:db8::/32'],
    );
  });
});

describe('a site file is refused', () => {
  const refused: [yaml: string, path: string, why: RegExp][] = [
    ['own_range: []', '(top level)', /own_range/],
    ['own_ranges: [10.0.0.0/99]', 'own_ranges.0', /not a range such as 10\.0\.0\.0\/8/],
    ['own_ranges: [10.0.0.1]', 'own_ranges.0', /not a range/],
    ['own_ranges: 10.0.0.0/8', 'own_ranges', /array/],
    ['own_domains: ["not a domain"]', 'own_domains.0', /not a domain/],
    ['privileged_accounts: [""]', 'privileged_accounts.0', /./],
    ['risky_users: [7]', 'risky_users.0', /string/],
    ['admin_pairs: [{ source: a, destination: b }]', 'admin_pairs.0.user', /./],
    ['admin_pairs: [{ source: a, destination: b, user: c, port: 1 }]', 'admin_pairs.0', /port/],
    ['known_scanners: [{ range: scanner01, name: x }]', 'known_scanners.0.range', /neither an address nor a range/],
    ['known_scanners: [{ range: 10.0.9.0/24 }]', 'known_scanners.0.name', /./],
    ['known_destinations: ["http://x.com/y"]', 'known_destinations.0', /neither a domain nor a range/],
    ['countries: { expected: [Germany] }', 'countries.expected.0', /country code of two letters/],
    ['countries: { expected: [false] }', 'countries.expected.0', /./],
    ['countries: { allowed: [DE] }', 'countries', /allowed/],
    ['large_transfer_bytes: 1.5', 'large_transfer_bytes', /int/],
    ['many_attempts: 0', 'many_attempts', /./],
    ['young_domain_days: "30"', 'young_domain_days', /number/],
    [
      'working_hours: { timezone: Europe/Berlin, days: [mon], from: 7:00, to: "19:00" }',
      'working_hours.from',
      /quotes/,
    ],
    [
      'working_hours: { timezone: Mars/Base, days: [mon], from: "07:00", to: "19:00" }',
      'working_hours.timezone',
      /time zone/,
    ],
    ['working_hours: { timezone: UTC, days: [], from: "07:00", to: "19:00" }', 'working_hours.days', /./],
    ['working_hours: { timezone: UTC, days: [monday], from: "07:00", to: "19:00" }', 'working_hours.days.0', /./],
    ['working_hours: { timezone: UTC, days: [mon], from: "07:00", to: "24:00" }', 'working_hours.to', /not a time/],
    [
      'working_hours: { timezone: UTC, days: [mon], from: "07:00", to: "07:00" }',
      'working_hours',
      /begins when it ends/,
    ],
    ['working_hours: { days: [mon], from: "07:00", to: "19:00" }', 'working_hours.timezone', /./],
    ['sla: { high: { close: 8 } }', 'sla.high.close', /./],
    ['sla: { high: { close: 8 hours } }', 'sla.high.close', /not a duration such as 15m/],
    ['sla: { high: { acknowledge: 0.5s } }', 'sla.high.acknowledge', /less than a second/],
    ['sla: { urgent: { close: 8h } }', 'sla', /urgent/],
    ['sla: { high: { acknowledge: 2d } }', 'sla.high', /close comes before acknowledge/],
    ['policy: []', 'policy', /./],
  ];
  for (const [yaml, path, why] of refused) {
    test(`with ${path} named: ${yaml}`, () => {
      const problems = problemsOf(yaml);
      assert.equal(problems.length, 1, problems.join('; '));
      assert.equal(problems[0]?.slice(0, path.length + 2), `${path}: `);
      assert.match(problems[0], why);
    });
  }

  test('with all that is wrong named at once', () => {
    const yaml = 'many_attempts: -1\nown_ranges: [x, 10.0.0.0/8, y]\ncountries: { watched: [Iran] }\nextra: 1';
    const paths = problemsOf(yaml).map((problem) => problem.split(':')[0]);
    assert.deepEqual(paths.sort(), [
      '(top level)',
      'countries.watched.0',
      'many_attempts',
      'own_ranges.0',
      'own_ranges.2',
    ]);
  });

  test('with every wrong part of the policy named at once', () => {
    const changes = { thresholds: { malicious: 200 }, caps: { shared: 'all' }, required: { iocs: 'often' } };
    assert.throws(
      () => policyOf(DEFAULT_POLICY, changes, 'site.yaml'),
      (error: unknown) => {
        assert.ok(error instanceof InvalidSiteFileError, String(error));
        const paths = error.problems.map((problem) => problem.split(':')[0]);
        assert.deepEqual(paths.sort(), ['policy.caps.shared', 'policy.required.iocs', 'policy.thresholds']);
        return true;
      },
    );
  });

  test('when it is no YAML, or not there, with its name', () => {
    const file = join(folder, 'broken.yaml');
    writeFileSync(file, 'own_ranges: [10.0.0.0/8');
    for (const name of [file, join(folder, 'missing.yaml')]) {
      assert.throws(
        () => readSiteFile(name),
        (error: unknown) => error instanceof InvalidSiteFileError && error.message.includes(name),
      );
    }
  });
});

describe('the site file of the samples', () => {
  test('is usable, with the policy that it shows as a comment too', () => {
    const { site, policy } = readSiteFile(SAMPLE);
    assert.deepEqual(Object.keys(site).sort(), Object.keys(DEFAULT_SITE).sort());
    assert.deepEqual(policy, {});
  });

  test('names every key, and says the default that it has', () => {
    const text = readFileSync(SAMPLE, 'utf8');
    for (const key of [...Object.keys(DEFAULT_SITE), 'policy']) assert.match(text, new RegExp(`^${key}:`, 'm'), key);
    const defaultOf = (key: string) => {
      const comment =
        text
          .slice(0, text.search(new RegExp(`^${key}:`, 'm')))
          .split('\n\n')
          .at(-1) ?? '';
      return /Default: ([^.]*)\./.exec(comment.replaceAll('\n# ', ' '))?.[1];
    };
    for (const [key, value] of Object.entries(DEFAULT_SITE)) {
      const told = defaultOf(key);
      if (key === 'sla') assert.equal(told, 'as here');
      else if (key === 'countries') assert.equal(told, 'none of both');
      else if (key === 'working_hours') assert.equal(told, 'null, nothing is off hours');
      else if (Array.isArray(value)) assert.equal(told, value.length === 0 ? 'none' : value.join(', '), key);
      else assert.equal(told, String(value), key);
    }
    assert.deepEqual(readSiteFile(SAMPLE).site.sla, DEFAULT_SITE.sla);
  });

  test('shows a policy that can be used as it stands', () => {
    const shown = readFileSync(SAMPLE, 'utf8').split('policy: {}')[1]?.replaceAll(/^#/gm, '') ?? '';
    const changes = parse(shown) as Record<string, unknown>;
    assert.deepEqual(Object.keys(changes).sort(), ['caps', 'required', 'sources', 'thresholds']);
    assert.deepEqual(policyOf(POLICY, changes, SAMPLE).required, { iocs: 'all' });
  });
});

describe('a site file that changes while running', () => {
  let clock = 1_700_000_000;
  const write = (file: string, text: string): string => {
    writeFileSync(file, text);
    // a new second, so that the change is seen however fast the test is
    utimesSync(file, ++clock, clock);
    return file;
  };
  const sourcesOf = (name: string, text: string) => {
    const file = write(join(folder, name), text);
    const problems: unknown[] = [];
    return { ...createSiteSources(file, { base: POLICY, onProblem: (error) => problems.push(error) }), file, problems };
  };

  test('is taken up for site knowledge and policy', () => {
    const { site, policy, file } = sourcesOf('both.yaml', 'many_attempts: 7\npolicy: { caps: { benign: 10 } }');
    assert.deepEqual([site.current().many_attempts, policy.current().caps.benign], [7, 10]);
    write(file, 'many_attempts: 9\npolicy: { caps: { benign: 12 } }');
    // whichever is asked first
    assert.deepEqual([policy.current().caps.benign, site.current().many_attempts], [12, 9]);
    write(file, '');
    assert.deepEqual([policy.current(), site.current()], [POLICY, DEFAULT_SITE]);
  });

  test('gives the same objects as long as it is the same', () => {
    const { site, policy, file } = sourcesOf('same.yaml', 'policy: { caps: { benign: 10 } }');
    const [oneSite, onePolicy] = [site.current(), policy.current()];
    assert.equal(policy.current(), onePolicy);
    assert.equal(site.current(), oneSite);
    write(file, 'policy: { caps: { benign: 11 } }');
    assert.notEqual(policy.current(), onePolicy);
    const none = createSiteSources(undefined, { base: POLICY });
    assert.equal(none.policy.current(), POLICY);
    assert.equal(none.site.current(), none.site.current());
  });

  const unusable: [what: string, text: string | null, told: RegExp][] = [
    ['wrong site knowledge', 'many_attempts: often', /many_attempts/],
    ['a wrong policy', 'many_attempts: 9\npolicy: { caps: { benign: 900 } }', /policy\.caps\.benign/],
    ['no YAML', 'many_attempts: [', /./],
    ['no file any more', null, /ENOENT/],
  ];
  for (const [what, text, told] of unusable) {
    test(`into ${what} keeps the last usable one, is reported once, and can be mended`, () => {
      const { site, policy, file, problems } = sourcesOf(
        'bad.yaml',
        'many_attempts: 7\npolicy: { caps: { benign: 10 } }',
      );
      const last = policy.current();
      if (text === null) rmSync(file);
      else write(file, text);
      for (let time = 0; time < 3; time += 1) {
        assert.deepEqual([site.current().many_attempts, policy.current()], [7, last]);
      }
      assert.equal(problems.length, 1);
      assert.match(String(problems[0]), told);
      write(file, 'many_attempts: 8');
      assert.equal(site.current().many_attempts, 8);
      assert.equal(problems.length, 1);
    });
  }

  test('is checked whole at the start', () => {
    for (const text of ['many_attempts: often', 'policy: { caps: { benign: 900 } }']) {
      assert.throws(() => sourcesOf('start.yaml', text), InvalidSiteFileError);
    }
    const missing = join(folder, 'never.yaml');
    assert.throws(() => createSiteSources(missing, { base: POLICY }), InvalidSiteFileError);
  });

  test("may change the sources' numbers where a process does not know them", () => {
    const file = write(join(folder, 'sources.yaml'), 'policy: { sources: { virustotal: { stale_days: 3 } } }');
    assert.throws(() => createSiteSources(file, { base: POLICY }), /policy\.sources\.virustotal\.stale_days/);
    const { policy } = createSiteSources(file, { base: DEFAULT_POLICY, knowsSources: false });
    assert.deepEqual(policy.current().sources, { virustotal: { stale_days: 3 } });
  });
});

describe('a site file that nobody can mean', () => {
  const refused: [what: string, text: string, problem: RegExp][] = [
    ['the whole Internet as own range', 'own_ranges: [0.0.0.0/0]', /own_ranges\.0: .*wider/],
    [
      'the whole Internet as a scanner',
      'known_scanners: [{ range: "::/0", name: all }]',
      /known_scanners\.0\.range: .*wider/,
    ],
    ['a suffix as own domain', 'own_domains: [com]', /own_domains\.0: is a suffix/],
    ['a country that there is not', 'countries: { watched: [XQ] }', /countries\.watched\.0: is not a country/],
    ['a service level of centuries', 'sla: { low: { close: 9999999999d } }', /sla\.low\.close: is more than ten years/],
  ];
  for (const [what, text, problem] of refused) {
    test(`is refused: ${what}`, () => assert.throws(() => siteOf(text), problem));
  }

  test('UK is understood as GB, as GeoIP sources write it', () => {
    assert.deepEqual(siteOf('countries: { watched: [uk] }').countries.watched, ['GB']);
  });
});
