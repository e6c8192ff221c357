import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { judge } from '../../../activities/judge';
import { PROJECT_ROOT } from '../../../config/home';
import { readSiteFile } from '../../../config/site';
import type { Finding } from '../../../domain/enrichment';
import { parseSubmission } from '../../../domain/formats';
import { extractObservables } from '../../../domain/observables';
import { DEFAULT_POLICY } from '../../../domain/policy';
import { DEFAULT_SITE } from '../../../domain/site';
import { GUARDS } from '../../support/guards';
import { POLICY, SOURCES } from '../../support/sources';

/** docs/scoring.md names every number of the policy, and its worked example comes out as it says. */

const DOC = readFileSync(join(PROJECT_ROOT, 'docs', 'scoring.md'), 'utf8');

/** `thresholds.malicious`; bands and lists are one key. */
function keysOf(value: object, path = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const name = path === '' ? key : `${path}.${key}`;
    return typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? keysOf(inner, name) : [name];
  });
}

/** The keys of the table, with those that are written short: `caps.benign`, `.shared`. */
function keysTold(): string[] {
  const rows = DOC.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => {
    const [first = '', ...others] = [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, key]) => key ?? '');
    const parent = first.slice(0, first.lastIndexOf('.'));
    return [first, ...others.map((key) => (key.startsWith('.') ? parent + key : key))];
  });
}

describe('docs/scoring.md', () => {
  test('names every key of the policy, and its version', () => {
    const { version, reliability, ...rest } = POLICY;
    const told = new Set(keysTold());
    assert.deepEqual(
      keysOf(rest).filter((key) => !told.has(key)),
      [],
    );
    assert.ok(DOC.includes(`version \`${version}\``));
    const weights = Object.values(reliability).join(', ');
    assert.ok(DOC.includes(`| \`reliability.A\` … \`.F\` | ${weights} |`));
  });

  test('has the numbers that can be read off a row', () => {
    const { thresholds, caps, context, decay, guards } = DEFAULT_POLICY;
    for (const row of [
      `| ${thresholds.malicious}, ${thresholds.suspicious} |`,
      `\`caps.benign\`, \`caps.shared\` | ${caps.benign}, ${caps.shared} |`,
      `\`caps.playbook\` | ${caps.playbook} |`,
      `\`[${context.sources.join(', ')}]\`, ${context.cap} |`,
      `| ${decay.network.tau_days}, ${decay.network.delta} |`,
      `| ${decay.phishing_url.tau_days}, ${decay.phishing_url.delta} |`,
      `\`decay.expired_below\` | ${decay.expired_below} |`,
      `\`[${guards.spare.join(', ')}]\``,
      `\`guards.contradicted_from\` | ${guards.contradicted_from} |`,
    ]) {
      assert.ok(DOC.includes(row), row);
    }
    const own = POLICY.sources as Record<string, Record<string, unknown>>;
    const bands = (source: string, key: string) =>
      (own[source]?.[key] as { from: number; points: number }[])
        .map(({ from, points }) => `${from === 0.5 ? '> 0' : `≥ ${from}`} → ${points}`)
        .join(', ');
    for (const [source, key] of [
      ['virustotal', 'file'],
      ['virustotal', 'network'],
      ['abuseipdb', 'bands'],
    ] as const) {
      assert.ok(DOC.includes(`| \`sources.${source}.${key}\` | ${bands(source, key)} |`), `${source}.${key}`);
    }
    for (const [source, { reliability }] of Object.entries(own)) {
      assert.ok(DOC.includes(`| \`sources.${source}.reliability\` | ${String(reliability)} |`), source);
    }
    const { unwanted_most, stale_after_days, stale_factor } = own.virustotal ?? {};
    assert.ok(DOC.includes(`\`sources.virustotal.unwanted_most\` | ${String(unwanted_most)} |`));
    assert.ok(DOC.includes(`| ${String(stale_after_days)}, ${String(stale_factor)} |`));
    assert.ok(DOC.includes(`\`sources.abuseipdb.tor_points\` | ${String(own.abuseipdb?.tor_points)} |`));
  });

  test('has a worked example that comes out so', () => {
    const now = '2026-11-21T12:00:00.000Z';
    const { site } = readSiteFile(join(PROJECT_ROOT, 'samples', 'site.demo.yaml'));
    const sample = join(PROJECT_ROOT, 'samples', 'alerts', 'brute_force', '01-firewall-tor-administrator.json');
    const [parsed] = parseSubmission({ body: JSON.parse(readFileSync(sample, 'utf8')), receivedAt: now });
    assert.ok(parsed);
    const { alert } = parsed;
    const found = (source: string, facts: object): Finding => ({
      source,
      observable: 'ip:185.220.101.1',
      state: 'ok',
      facts,
      summary: '',
      evidence: `1/${source}`,
      until: null,
      at: now,
    });
    const unsaid = { country: null, asn: null, asOwner: null, createdAt: null, family: null, threatLabel: null };
    const virustotal = found('virustotal', {
      ...unsaid,
      malicious: 12,
      suspicious: 0,
      answered: 91,
      analysedAt: now,
      tags: ['tor'],
    });
    const sightings = [{ source: 'soar-seed', tags: ['tor-exit', 'bruteforce'] }];
    const entry = { match: 'exact', type: 'ip', value: '185.220.101.1', confidence: 90, expiresAt: null, sightings };
    const iocs = found('iocs', { matches: [{ ...entry, lastSeen: '2026-11-20T12:00:00.000Z' }] });
    const geoip = found('geoip', { countryCode: 'DE', asn: 64496, asOrg: null, hosting: true, proxy: true });
    const scoreOf = (...findings: Finding[]) => {
      const observables = extractObservables(alert, site);
      const evidence = { alerts: [alert], observables, findings, earlier: [], alertType: 'brute_force' };
      const rules = { policy: POLICY, policyId: 'p', site, siteId: 's' };
      return judge({ providers: SOURCES, lists: GUARDS.current() }, evidence, rules, now, '1/score').assessment.score;
    };
    const [, text = ''] = DOC.split('\n## A worked example\n');
    const all = scoreOf(iocs, virustotal, geoip);
    assert.ok(text.includes(`→ score ${all}, malicious`), `${all}`);
    const without = [scoreOf(virustotal, geoip), scoreOf(iocs, geoip), scoreOf(geoip)];
    const [, less = ''] = /Without the IOC entry (.*?):/s.exec(text) ?? [];
    assert.deepEqual(
      [...less.matchAll(/\d+/g)].map(([score]) => Number(score)),
      without,
    );
  });
});

test('docs/site.md and the commented example name every key of the site file', () => {
  const keys = Object.entries(DEFAULT_SITE).flatMap(([key]) =>
    key === 'countries' ? ['countries.expected', 'countries.watched'] : [key],
  );
  const page = readFileSync(join(PROJECT_ROOT, 'docs', 'site.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z_.]+)` \|/gm)].map(([, key]) => key);
  assert.deepEqual(rows.sort(), [...keys, 'policy'].sort());
  const example = readFileSync(join(PROJECT_ROOT, 'samples', 'site.demo.yaml'), 'utf8');
  for (const key of [...Object.keys(DEFAULT_SITE), 'policy']) assert.match(example, new RegExp(`^${key}:`, 'm'), key);
});
