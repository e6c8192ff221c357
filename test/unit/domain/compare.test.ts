import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareJudged, type Judged } from '../../../domain/compare';
import { decide } from '../../../domain/decide';
import { playbookFor } from '../../../domain/playbooks';
import type { Policy } from '../../../domain/policy';
import type { Assessment } from '../../../domain/verdict';
import { POLICY, SOURCES } from '../../support/sources';
import { accuse, answer, caseOf, CLEAN, judge, noIocs, type Answered } from './cases';

const ATTACKER = 'ip:185.220.101.1';
const facts = caseOf({ src_ip: '185.220.101.1', failed_attempts: 5 });
const clean = answer('virustotal', ATTACKER, CLEAN);

function judged(readings: Answered[], change: Partial<Policy> = {}, about = facts): Judged {
  const assessment = judge('brute_force', about, readings, { policy: { ...POLICY, ...change } });
  return { assessment, decision: decide(playbookFor('brute_force'), about, assessment) };
}

const compare = (before: Judged, after: Judged) => compareJudged(before, after, SOURCES);
const changed = ({ assessment, decision }: Judged, change: Partial<Assessment>): Judged => ({
  assessment: { ...assessment, ...change },
  decision,
});

describe('two judgements of one case', () => {
  const accused = judged([...noIocs('brute_force', facts), accuse('virustotal', ATTACKER, 65)]);

  test('that are the same have no difference, whatever version they were made by', () => {
    const again = changed(accused, { policy: 'another', site: 'another', explanation: 'in other words' });
    assert.deepEqual(compare(accused, again), { differs: false, why: '' });
  });

  test('differ in verdict, score, completeness or decision', () => {
    for (const change of [{ verdict: 'benign' }, { score: 1 }, { complete: false }] as Partial<Assessment>[])
      assert.ok(compare(accused, changed(accused, change)).differs, JSON.stringify(change));
    const decision = { outcome: 'close', reason: 'the rule' } as const;
    assert.ok(compare(accused, { ...accused, decision }).differs);
  });

  test('say which contribution and which threshold it was', () => {
    const now = judged([...noIocs('brute_force', facts), accuse('virustotal', ATTACKER, 45)], {
      thresholds: { suspicious: 40, malicious: 80 },
    });
    const { why } = compare(accused, now);
    assert.match(why, /^VirusTotal on ip:185\.220\.101\.1 counts 45 \(was 65\); malicious from 80 \(was 70\); /);
    assert.match(why, /suspicious from 40 \(was 30\)\.$/);
  });

  test('know a contribution again by its source, whatever its strongest signal is called', () => {
    const other = judged([
      ...noIocs('brute_force', facts),
      accuse('virustotal', ATTACKER, 20, { name: 'engines_suspicious' }),
    ]);
    assert.match(compare(accused, other).why, /VirusTotal on ip:185\.220\.101\.1 counts 20 \(was 65\)/);
  });

  test('say what has come and what has gone', () => {
    const none = judged([...noIocs('brute_force', facts), answer('virustotal', ATTACKER)]);
    assert.match(compare(accused, none).why, /VirusTotal on ip:\S+ no longer counts \(was 65\)/);
    assert.match(compare(none, accused).why, /VirusTotal on ip:\S+ counts 65 \(was not counted\)/);
  });

  test('say nothing of what the ledger of before cannot tell, and all that it can', () => {
    const cdn = caseOf({ src_ip: '104.16.132.229', failed_attempts: 5 });
    const readings = [...noIocs('brute_force', cdn), accuse('virustotal', 'ip:104.16.132.229', 65)];
    const old = judged(readings, {}, cdn);
    const ledger = old.assessment.ledger.map(({ of: _of, ...line }) => line);
    ledger.push({ rule: 'pool', text: 'before', numbers: { before: 60, cap: 40 } });
    const now = judged(
      readings,
      { caps: { ...POLICY.caps, shared: 10 }, thresholds: { suspicious: 5, malicious: 80 } },
      cdn,
    );
    for (const [before, after] of [
      [changed(old, { ledger }), now],
      [now, changed(old, { ledger })],
    ] as const) {
      const { differs, why } = compare(before, after);
      assert.equal(differs, true);
      assert.match(why, /^Malicious from \d+ \(was \d+\); suspicious from \d+ \(was \d+\)/);
      assert.doesNotMatch(why, /counts|counted|allows|on it|cut to/);
    }
  });

  test('say what the playbook reads otherwise', () => {
    const many = caseOf({ src_ip: '185.220.101.1', failed_attempts: 58 });
    const few = { ...many, site: { ...many.site, many_attempts: 1000 } };
    const readings = [...noIocs('brute_force', many), accuse('virustotal', ATTACKER, 20)];
    assert.match(compare(judged(readings, {}, many), judged(readings, {}, few)).why, /the playbook’s [a-z ]+ /i);
  });

  test('say which guard caps otherwise', () => {
    const cdn = caseOf({ src_ip: '104.16.132.229', failed_attempts: 5 });
    const readings = [...noIocs('brute_force', cdn), accuse('virustotal', 'ip:104.16.132.229', 65)];
    const strict = judged(readings, { caps: { ...POLICY.caps, shared: 10 } }, cdn);
    const { why } = compare(judged(readings, {}, cdn), strict);
    assert.match(why, /the list [\w-]+ on ip:104\.16\.132\.229 allows 10 \(was 60\)/i);
  });

  test('say what is missing by the new rules, and what is not any more', () => {
    const readings = [...noIocs('brute_force', facts), clean];
    const before = judged(readings);
    const after = judged(readings, { required: { ...POLICY.required, abuseipdb: 'main' } });
    assert.deepEqual([before.assessment.verdict, after.assessment.verdict], ['benign', 'unknown']);
    assert.match(compare(before, after).why, /AbuseIPDB on ip:185\.220\.101\.1 is missing \(/);
    assert.match(compare(after, before).why, /AbuseIPDB on ip:185\.220\.101\.1 is not missed/);
  });

  test('end with the rule that decides, when something else is decided', () => {
    const before = judged([...noIocs('brute_force', facts), clean]);
    const { why } = compare(before, accused);
    assert.equal(before.decision.outcome, 'close');
    assert.ok(why.endsWith(` ${accused.decision.reason}`), why);
    assert.doesNotMatch(compare(accused, changed(accused, { score: 1 })).why, new RegExp(accused.decision.reason));
  });

  test('tell of no more than four differences, and cut what is long', () => {
    const link = `url:http://x.test/${'a'.repeat(3000)}`;
    const others = ['ip:198.51.100.1', 'ip:198.51.100.2', 'ip:198.51.100.3', 'ip:198.51.100.4', link];
    const readings = others.map((id) => accuse('virustotal', id, 20));
    const { why } = compare(judged([]), judged(readings));
    assert.match(why, /; and \d+ more/);
    assert.ok(why.length < 1500, String(why.length));
  });

  test('of which nothing tells the difference still say that there is one', () => {
    assert.equal(compare(accused, changed(accused, { score: 1 })).why, 'The same evidence is read otherwise.');
  });
});
