import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Alert, AlertType } from '../../../domain/alert';
import { outsideBudget, MOST_ASKED_OUTSIDE } from '../../../domain/budget';
import { extractObservables, MOST_OBSERVABLES } from '../../../domain/observables';
import { playbookFor } from '../../../domain/playbooks';
import { accuse, answer, caseOf, judge, judged, noIocs, SITE, type Answered } from './cases';
import { brute, infected, mail, moved, sent } from './plain-alerts';

type Alerts = Partial<Alert> | Partial<Alert>[];

const HASH = infected.file_hash ?? '';

const links = (count: number) => Array.from({ length: count }, (_, index) => `https://lure${index}.com/x`);

describe('what is cut from the lookups', () => {
  test('every link is looked up inside, and outside no more than a day of quota can bear', () => {
    const planned = playbookFor('phishing').observables(caseOf({ ...mail, urls: links(26) }));
    assert.ok(planned.some(({ value }) => value === 'https://lure25.com/x'));
    const { asked, cut } = outsideBudget(planned);
    assert.equal(asked.filter(({ type }) => type !== 'email').length, MOST_ASKED_OUTSIDE);
    assert.equal(asked.length + cut.length, planned.length);
  });

  test('the 26th link accuses when the IOC database knows it', () => {
    const facts = caseOf({ ...mail, urls: links(26) });
    const readings = [...noIocs('phishing', facts), accuse('iocs', 'url:https://lure25.com/x', 90)];
    assert.equal(judge('phishing', facts, readings).verdict, 'malicious');
  });

  test('counts as missing, keeps it from being benign, and is not waited for', () => {
    const { verdict, complete, missing } = judged('phishing', { ...mail, url: '', urls: links(26) });
    assert.equal(verdict, 'unknown');
    assert.ok(complete);
    const cut = missing.find(({ observable }) => observable === 'url:https://lure25.com/x');
    assert.equal(cut?.state, 'not_sent');
    assert.equal(cut?.reason, 'more than 20 observables: not asked');
  });

  test('inside names take nothing from the budget', () => {
    const hosts = Array.from({ length: 30 }, (_, index) => ({ src_ip: `10.0.1.${index}`, username: `u${index}` }));
    const planned = playbookFor('lateral_movement').observables(caseOf(hosts));
    assert.deepEqual(outsideBudget(planned), { asked: planned, cut: [] });
  });

  test('an extraction that hit its cap keeps it from being benign', () => {
    const raw_log = Array.from({ length: 300 }, (_, index) => `https://h${index}.com/`).join(' ');
    assert.equal(extractObservables({ source: 'x', raw_log }, SITE).length, MOST_OBSERVABLES);
    const { verdict, ledger, explanation } = judged('brute_force', { ...brute, raw_log });
    assert.equal(verdict, 'unknown');
    assert.ok(ledger.some(({ rule }) => rule === 'observables_cut'));
    assert.match(explanation, /more than can be looked at/);
    const padded = judged('brute_force', { ...brute, raw_log: ' '.repeat(1024 * 1024 + 1) });
    assert.equal(padded.verdict, 'unknown');
    assert.match(padded.explanation, /a text is longer than 1 MiB/);
    assert.equal(judged('brute_force', brute).verdict, 'benign');
  });

  test('an extraction that hit its cap says so whatever the verdict', () => {
    const raw_log = Array.from({ length: 300 }, (_, index) => `https://h${index}.com/`).join(' ');
    for (const points of [40, 90]) {
      const { verdict, explanation } = judge('brute_force', caseOf({ ...brute, raw_log }), [
        accuse('iocs', `ip:${brute.src_ip}`, points),
      ]);
      assert.equal(verdict, points === 40 ? 'suspicious' : 'malicious');
      assert.match(explanation, /more than can be looked at \(200 observables or more\)/);
    }
  });
});

describe('benign needs evidence for each', () => {
  const rows: [string, AlertType, Alerts, string][] = [
    ['link', 'phishing', { ...mail, urls: ['https://other.com/y'] }, 'url:https://other.com/y'],
    ['link in the text', 'phishing', { ...mail, raw_log: 'see hxxp://other[.]com/y' }, 'url:http://other.com/y'],
    ['attachment', 'phishing', { ...mail, file_hash: HASH }, `sha256:${HASH}`],
    ['file', 'malware', { ...infected, file_hashes: [`${'b'.repeat(31)}c`] }, `md5:${'b'.repeat(31)}c`],
    ['download', 'malware', { ...infected, url: 'https://get.com/a' }, 'url:https://get.com/a'],
    ['download domain', 'malware', { ...infected, domain: 'get.com' }, 'domain:get.com'],
    ['peer', 'suspicious_ip', { src_ip: '185.220.101.1', dest_ip: '45.155.205.233' }, 'ip:45.155.205.233'],
    ['named peer', 'suspicious_ip', { src_ip: '185.220.101.1', domain: 'peer.com' }, 'domain:peer.com'],
    ['destination', 'data_exfil', { ...sent, dest_ip: '45.155.205.233' }, 'ip:45.155.205.233'],
    ['destination domain', 'data_exfil', { ...sent, dest_ip: '45.155.205.233' }, 'domain:somewhere.com'],
    ['source', 'brute_force', [brute, { ...brute, src_ip: '45.155.205.233' }], 'ip:45.155.205.233'],
  ];
  for (const [what, type, alerts, one] of rows) {
    test(`${type}: ${what}`, () => {
      assert.equal(judged(type, alerts).verdict, 'benign');
      const { verdict, explanation } = judged(type, alerts, (id) => id !== one);
      assert.equal(verdict, 'unknown');
      const value = one.slice(one.indexOf(':') + 1);
      // a hash is shortened
      assert.ok(explanation.includes(value) || explanation.includes(`${value.slice(0, 12)}…`), explanation);
    });
  }

  test('the order in which an attacker names things does not matter', () => {
    const urls = fc.shuffledSubarray(['https://good.com/', 'https://bad.com/', 'https://odd.com/x'], { minLength: 1 });
    fc.assert(
      fc.property(urls, fc.constantFrom('phishing' as const, 'malware' as const), (given, type) => {
        const good = (id: string) => !id.includes('bad.com');
        const { verdict, score } = judged(type, { urls: given }, good);
        assert.equal(score, 0);
        assert.equal(verdict, given.includes('https://bad.com/') ? 'unknown' : 'benign');
      }),
    );
  });

  const never: [string, AlertType, Alerts][] = [
    ['a mail without link and attachment', 'phishing', { email_from: 'a@google.com', reply_to: 'a@google.com' }],
    ['a mail whose domain is only its sender', 'phishing', { email_from: 'a@google.com', domain: 'google.com' }],
    ['malware without hash and link', 'malware', { hostname: 'ws1', domain: 'google.com', dest_ip: '10.0.0.9' }],
    ['malware to an inside address', 'malware', { hostname: 'ws1', dest_ip: '10.0.0.9', outcome: 'blocked' }],
    ['movement inside without a pair', 'lateral_movement', moved],
    ['movement to an inside address from a clean one', 'lateral_movement', { ...moved, src_ip: '185.220.101.1' }],
    ['a peer inside', 'suspicious_ip', { dest_ip: '10.0.0.9' }],
    ['guessing from inside', 'brute_force', { src_ip: '10.0.0.9', failed_attempts: 3 }],
    ['an inside address beside an unknown link', 'phishing', { dest_ip: '10.0.0.9' }],
  ];
  for (const [what, type, alerts] of never) {
    test(`never benign: ${what}`, () => assert.equal(judged(type, alerts).verdict, 'unknown'));
  }

  test('an inside destination is clean for itself only', () => {
    const alert = { ...sent, dest_ip: '10.0.0.9' };
    assert.equal(judged('data_exfil', alert, () => false).verdict, 'unknown');
    assert.equal(judged('data_exfil', alert).verdict, 'benign');
  });
});

describe('what nobody was asked', () => {
  test('because of the label is missing without being awaited, and blocks benign', () => {
    const facts = caseOf({ ...brute, tlp: 'red' });
    const held = answer('virustotal', 'ip:185.220.101.1', { state: 'not_sent', signals: [] });
    const { verdict, missing, complete, ledger, explanation } = judge('brute_force', facts, [
      ...noIocs('brute_force', facts),
      held,
    ]);
    assert.equal(verdict, 'unknown');
    assert.ok(complete);
    assert.deepEqual(
      missing.map(({ source, state, reason }) => [source, state, reason]),
      [['virustotal', 'not_sent', 'virustotal says not_sent']],
    );
    const line = ledger.find(({ rule }) => rule === 'required_sources')?.text ?? '';
    assert.match(line, /not answered: virustotal on ip:185\.220\.101\.1 \(not_sent\)/);
    assert.match(explanation, /not asked: VirusTotal on 185\.220\.101\.1/);
  });

  test("of the site's own is named, and blocks nothing", () => {
    const facts = caseOf({ src_ip: '10.0.0.7', dest_ip: '93.184.216.9', bytes_out: 10 });
    const held = answer('virustotal', 'ip:93.184.216.9', { state: 'not_sent', signals: [] });
    const { verdict, missing, ledger } = judge('data_exfil', facts, [...noIocs('data_exfil', facts), held]);
    assert.equal(verdict, 'benign');
    assert.deepEqual(
      missing.map(({ state }) => state),
      ['not_sent'],
    );
    assert.match(ledger.find(({ rule }) => rule === 'required_sources')?.text ?? '', /not asked: virustotal on ip:93/);
  });

  test('when there is nothing to ask about, says so', () => {
    const { ledger, explanation } = judge('lateral_movement', caseOf({ username: 'bob', hostname: 'ws1' }), []);
    const line = ledger.find(({ rule }) => rule === 'required_sources')?.text ?? '';
    assert.match(line, /there was nothing to ask about/);
    assert.match(explanation, /there was nothing to ask about/);
  });
});

describe('a link and its own host', () => {
  const facts = caseOf({ ...mail, url: 'https://lure.com/x' });
  const on = (source: string, id: string, points: number): Answered => accuse(source, id, points);
  const [link, host] = ['url:https://lure.com/x', 'domain:lure.com'];

  test('count once per source, the stronger of the two, and the ledger says so', () => {
    const { score, ledger } = judge('phishing', facts, [on('virustotal', link, 45), on('virustotal', host, 40)]);
    assert.equal(score, 45);
    assert.ok(ledger.some(({ rule }) => rule === 'link_and_host'));
    assert.equal(judge('phishing', facts, [on('virustotal', link, 50), on('iocs', host, 50)]).score, 75);
  });

  test('further evidence never lowers the score', () => {
    const ids = [
      'url:https://lure.com/x',
      'url:https://lure.com/y',
      'domain:lure.com',
      'url:https://google.com/x',
      'domain:google.com',
    ];
    const said = fc.record({
      source: fc.constantFrom('virustotal', 'iocs', 'other'),
      id: fc.constantFrom(...ids),
      points: fc.integer({ min: 0, max: 100 }),
    });
    const many = fc.uniqueArray(said, { maxLength: 12, minLength: 1, selector: ({ source, id }) => source + id });
    const alert = caseOf({ ...mail, urls: ['https://lure.com/y', 'https://google.com/x'] });
    fc.assert(
      fc.property(many, (given) => {
        const readings = given.map(({ source, id, points }) => on(source, id, points));
        const all = judge('phishing', alert, readings).score;
        assert.ok(all >= judge('phishing', alert, readings.slice(1)).score);
        assert.equal(all, judge('phishing', alert, readings.toReversed()).score);
      }),
      { numRuns: 500 },
    );
  });
});
