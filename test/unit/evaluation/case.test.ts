import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { stringify } from 'yaml';
import { EvaluationError } from '../../../evaluation/errors';
import { loadCases } from '../../../evaluation/load';
import { caseDocument, caseWith, parsed } from './fixture';

function problemsOf(change: Record<string, unknown>): string[] {
  const result = parsed(caseDocument(change));
  return result.ok ? [] : result.problems;
}

describe('a labelled case', () => {
  it('names every problem with file, id and path', () => {
    const problems = problemsOf({
      truth: 'maybe',
      now: 'yesterday',
      colour: 'red',
      virustotal: { 'ip:93.184.216.034': 'unsure' },
      iocs: [{ type: 'ip', value: 'nowhere', source: 'x', confidence: 101, last_seen: '2026-11-18T00:00:00Z' }],
    });
    for (const path of ['truth', 'now', 'virustotal', 'iocs.0.confidence', '(the case)']) {
      assert.ok(
        problems.some((problem) => problem.startsWith(`cases/mine.yaml: made-up: ${path}`)),
        `${path}: ${problems.join('\n')}`,
      );
    }
    assert.match(problems.join('\n'), /colour/);
  });

  it('is named by its place where it has no id', () => {
    const result = parsed(caseDocument({ id: undefined }));
    assert.ok(!result.ok);
    assert.match(result.problems[0] ?? '', /^cases\/mine\.yaml: case 3: id:/);
  });

  it('refuses an answer under a name that no lookup has', () => {
    assert.match(
      problemsOf({ virustotal: { 'domain:Example.COM': 'failed' } }).join(),
      /is asked as domain:example\.com/,
    );
    assert.match(problemsOf({ virustotal: { 'url:https://a.example/x#top': 'failed' } }).join(), /is asked as/);
    assert.match(problemsOf({ geoip: { '93.184.216.34': 'failed' } }).join(), /geoip.*is not an observable/);
  });

  it('takes its alerts the road that all alerts go', () => {
    const wrong = [{ source: 'vpn', alert_type: 'brute_force', src_ip: 'here', failed_attempts: -1 }];
    const problems = problemsOf({ alerts: wrong });
    assert.equal(problems.length, 2);
    assert.match(problems[0] ?? '', /alerts\.0\.src_ip: must be an IPv4/);
    assert.match(problemsOf({ alerts: [{ source: 'vpn', src_ip: '93.184.216.34' }] }).join(), /alert_type must name/);
    assert.match(problemsOf({ alerts: [{ source: 'v', alert_type: 'malware', sorce: 'x' }] }).join(), /no field sorce/);
    const two = [
      { source: 'a', alert_type: 'malware', hostname: 'ws1' },
      { source: 'a', alert_type: 'phishing', hostname: 'ws1' },
    ];
    assert.match(problemsOf({ alerts: two }).join(), /alerts\.1\.alert_type/);
  });

  it('joins the observables of its alerts: each once, with all its roles', () => {
    const { observables } = caseWith({
      alerts: [
        { source: 'a', alert_type: 'malware', title: 'calls 93.184.216.34' },
        { source: 'a', alert_type: 'malware', dest_ip: '93.184.216.34' },
      ],
    });
    assert.deepEqual(observables, [{ type: 'ip', value: '93.184.216.34', roles: ['destination'], flags: [] }]);
  });

  it('lays its own site over that of all cases', () => {
    const { site } = caseWith({ site: { many_attempts: 50, countries: { watched: ['KP'] } } });
    assert.equal(site.many_attempts, 50);
    assert.deepEqual(site.countries.watched, ['KP']);
    assert.ok(site.countries.expected.includes('DE'), 'what it does not name stays');
    assert.ok(site.own_domains.includes('corp.example'));
    assert.match(problemsOf({ site: { many_attempts: -1 } }).join(), /site: many_attempts/);
    assert.match(problemsOf({ site: { policy: {} } }).join(), /site: a policy/);
  });
});

describe('loading cases', () => {
  function folder(t: TestContext, files: Record<string, string>): string {
    const path = mkdtempSync(join(tmpdir(), 'cases-'));
    t.after(() => rmSync(path, { recursive: true }));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
    return path;
  }

  it('reads YAML and JSON, lists and single cases; a date in YAML is the text that it is', (t) => {
    const yaml = stringify([caseDocument({ id: 'one' })]).replace(/now: .*/, 'now: 2026-11-18T10:00:00Z');
    const path = folder(t, { 'a.yaml': yaml, 'b.json': JSON.stringify(caseDocument({ id: 'two' })), 'notes.txt': 'x' });
    const cases = loadCases([path]);
    assert.deepEqual(
      cases.map(({ id, now }) => [id, now]),
      [
        ['one', '2026-11-18T10:00:00.000000Z'],
        ['two', '2026-11-18T10:00:00.000000Z'],
      ],
    );
  });

  it('names the problems of all files at once, and ids that are there twice', (t) => {
    const good = JSON.stringify(caseDocument());
    const path = folder(t, { 'a.json': good, 'b.json': good, 'c.yaml': 'id: [', 'd.yaml': 'id: x' });
    assert.throws(
      () => loadCases([path, join(path, 'gone.yaml')]),
      (error: unknown) => {
        assert.ok(error instanceof EvaluationError);
        const told = error.problems.join('\n');
        for (const part of [
          /b\.json: made-up: id: stands in .*a\.json/,
          /c\.yaml/,
          /d\.yaml: x: alerts/,
          /gone\.yaml/,
        ]) {
          assert.match(told, part);
        }
        return true;
      },
    );
  });
});
