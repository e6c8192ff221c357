import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { renderReport } from '../../../activities/report/render';
import type { LedgerLine } from '../../../domain/verdict';
import { hostileReport, pendingReport } from './fixture';
import { HOSTILE, hostileAssessment, SIGNALS } from './hostile';

/** The page without its own style sheet, whose text is ours. */
function body(html: string): string {
  return html.slice(html.indexOf('</style>') + '</style>'.length);
}

describe('report as HTML', () => {
  const { html } = renderReport(hostileReport());

  it('has no tag but its own, whatever the texts say', () => {
    const tags = [...html.matchAll(/<([a-z][a-z0-9]*)/gi)].map((match) => match[1]?.toLowerCase());
    for (const tag of ['script', 'img', 'iframe', 'object', 'form', 'base']) assert.ok(!tags.includes(tag), tag);
    assert.equal(tags.filter((tag) => tag === 'style').length, 1);
    assert.equal(tags.filter((tag) => tag === 'title').length, 1);
    assert.equal((html.match(/http-equiv="refresh"/g) ?? []).length, 0);
    assert.equal((html.match(/<!--/g) ?? []).length, 0);
  });

  it('shows hostile texts as text', () => {
    assert.match(html, /&lt;script&gt;window\.pwned &#x3D; 1&lt;\/script&gt;/);
    assert.match(html, /&#x27; onmouseover&#x3D;&#x27;/);
    assert.ok(html.includes('{{#each this}}{{{constructor}}}{{/each}}'), 'template syntax is not evaluated');
  });

  it('has no event handler and no style attribute', () => {
    const attributes = [...body(html).matchAll(/<[a-z][^>]*>/gi)].map((match) => match[0]).join('\n');
    assert.doesNotMatch(attributes, /\son[a-z]+\s*=/i);
    assert.doesNotMatch(attributes, /\sstyle\s*=/i);
    assert.doesNotMatch(attributes, /javascript:/i);
  });

  it('links only to the incident itself', () => {
    const targets = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map((match) => match[1] ?? '');
    const own = 'http://127.0.0.1:8080/api/v1/incidents/INC-7K3M9QX2AB';
    for (const target of targets)
      assert.ok(target.startsWith('#') || target === 'data:,' || target.startsWith(own), target);
  });

  it('defangs addresses and host names from alerts', () => {
    assert.ok(html.includes('hxxp://user:pw@login[.]evil[.]example/verify?id&#x3D;1'));
    assert.ok(!html.includes('login.evil.example'));
    assert.ok(!html.includes('http://collector.example'));
  });

  it('shows characters that turn or hide text', () => {
    assert.ok(html.includes('invoice[U+202E]fdp.exe'));
    assert.ok(!html.includes('\u202e'));
  });

  it('says verdict, score, reason, decision, advice and what is missing before anything else', () => {
    const first = html.slice(html.indexOf('<main>'), html.indexOf('<nav'));
    for (const text of ['Malicious', 'score 92 of 100', 'a known attacker', 'Escalated: a person must look now'])
      assert.ok(first.includes(text), text);
    assert.ok(first.includes('The verdict is malicious'), 'the rule');
    assert.ok(first.includes('Reset the password of administrator'));
    assert.match(first, /VirusTotal<\/strong> for .*waiting.*2026-11-24 00:00:00 UTC/);
    assert.match(first, /GeoIP<\/strong> for .*failed\. .*No answer in 15 minutes/);
  });

  it('gives every signal its sentence, points and evidence, the worst first', () => {
    assert.ok(html.includes('12 of 91 engines call it malicious; 10 make it high'));
    assert.ok(html.includes('Listed as Tor exit by'));
    assert.ok(html.includes('The account administrator is privileged'));
    for (const signal of SIGNALS) assert.ok(html.includes(`${signal.points} × ${signal.reliability}`));
    assert.ok(html.indexOf('88 × B') < html.indexOf('65 × B'));
    assert.ok(html.includes('[1/virustotal/ip:185.220.101.1]'));
  });

  it('shows guards, ledger, timeline and the audit head', () => {
    for (const text of [
      'public-dns',
      'version 2026-11',
      'Three signals combine to 92',
      'after 2 failed attempts',
      'c'.repeat(64),
    ]) {
      assert.ok(html.includes(text), text);
    }
    assert.match(html, /verdict: Malicious, score 92/);
  });

  it('names the rules that the verdict was made by: policy, its version, and site knowledge', () => {
    const input = hostileReport({ assessment: { ...hostileAssessment(), version: '7-strict' } });
    const rules = /Verdict policy (.*)<\/p>/.exec(renderReport(input).html)?.[1] ?? '';
    assert.match(rules, /version 7-strict/);
    assert.ok(rules.includes('a'.repeat(64)), 'the content hash of the policy');
    assert.match(rules, /site knowledge/);
    assert.ok(rules.includes('b'.repeat(64)), 'the content hash of the site knowledge');
    const { report } = JSON.parse(renderReport(input).json) as { report: Record<string, unknown> };
    assert.deepEqual(
      [report['policy_version'], report['policy'], report['site']],
      ['7-strict', 'a'.repeat(64), 'b'.repeat(64)],
    );
  });

  it('names no version where the assessment is older than they are', () => {
    assert.match(html, new RegExp(`Verdict policy <span class="code">${'a'.repeat(64)}`));
  });

  it('cuts a log line that would fill pages and says so', () => {
    assert.match(html, /8000 more characters in the JSON report/);
  });

  it('has a banner only when the answers are simulated', () => {
    assert.match(html, /Provider answers are simulated/);
    assert.doesNotMatch(body(renderReport(hostileReport({ simulated: false })).html), /Provider answers are simulated/);
  });

  it('is readable by a screen reader: language, landmarks, headed tables', () => {
    assert.match(html, /<html lang="en">/);
    for (const landmark of ['<header>', '<main>', '<nav aria-label=', '<footer>'])
      assert.ok(html.includes(landmark), landmark);
    assert.doesNotMatch(html, /<th(?![^>]*scope=)[ >]/);
    assert.equal((html.match(/<h1>/g) ?? []).length, 1);
  });

  it('gives the same bytes for the same input', () => {
    assert.equal(renderReport(hostileReport()).html, html);
  });
});

describe('what is missing in the report', () => {
  const section = (ledger: LedgerLine[]) => {
    const assessment = { ...hostileAssessment(), missing: [], ledger };
    const { html } = renderReport(hostileReport({ assessment }));
    return html.slice(html.indexOf('id="missing"'), html.indexOf('</section>', html.indexOf('id="missing"')));
  };
  const answers = (count: number): LedgerLine[] => [
    { rule: 'required_sources', text: 'as it is', numbers: { missing: 0, answers: count } },
  ];

  it('is nothing when every required source answered', () => {
    for (const ledger of [answers(2), []]) assert.match(section(ledger), /Nothing: every required source answered\./);
  });

  it('is nothing, and no answer is claimed, when nothing could be asked', () => {
    assert.match(section(answers(0)), /Nothing: there was nothing that a required source could be asked about\./);
    assert.doesNotMatch(section(answers(0)), /answered/);
  });
});

describe('report before a verdict', () => {
  const { html, json } = renderReport(pendingReport());

  it('says so', () => {
    for (const text of ['Unknown', 'no score', 'No verdict has been reached yet', 'Not scored yet', 'None applied'])
      assert.ok(html.includes(text), text);
    assert.ok(html.includes('the playbook recommends no action'));
  });

  it('has a JSON form too', () => {
    const document = JSON.parse(json) as { assessment: unknown; report: { policy: unknown } };
    assert.equal(document.assessment, null);
    assert.equal(document.report.policy, null);
  });
});

describe("report with an analyst's verdict", () => {
  it("shows it beside the machine's", () => {
    const input = hostileReport();
    const override = {
      verdict: 'benign',
      reason: HOSTILE.script,
      by: 'key:analyst',
      at: '2026-11-23T03:00:00.000000Z',
    } as const;
    const { html } = renderReport({
      ...input,
      view: { ...input.view, verdict: 'benign', verdict_state: 'overridden', override },
    });
    assert.match(html, /Set by key:analyst: “&lt;script&gt;/);
    assert.match(html, /The machine says: malicious/);
  });
});

describe('report as JSON', () => {
  it('has all parts, with the texts as they came and without raw documents', () => {
    const input = hostileReport();
    const withRaw = {
      ...input.view,
      alerts: input.view.alerts.map((alert) => ({ ...alert, raw: { media_type: 'text/plain', text: 'evidence' } })),
    };
    const document = JSON.parse(renderReport({ ...input, view: withRaw }).json) as Record<
      string,
      Record<string, unknown>
    >;
    assert.deepEqual(Object.keys(document), [
      'report',
      'incident',
      'decision',
      'standing',
      'assessment',
      'recommendations',
    ]);
    assert.deepEqual(document['report'], {
      version: 1,
      generated_at: '2026-11-23T02:10:05.000000Z',
      incident_id: 'INC-7K3M9QX2AB',
      simulated: true,
      playbook: 'Brute force',
      audit_head: { seq: 4, hash: 'c'.repeat(64) },
      policy: 'a'.repeat(64),
      policy_version: null,
      site: 'b'.repeat(64),
    });
    assert.deepEqual(document['assessment'], input.assessment);
    assert.deepEqual(document['recommendations'], input.decision.recommendations);
    assert.equal(document['incident']?.['title'], input.view.title);
    assert.ok(!JSON.stringify(document).includes('"raw":'));
  });
});

describe('report template', () => {
  it('never writes without escaping', () => {
    const template = readFileSync(join(__dirname, '../../../activities/report/report.hbs'), 'utf8');
    assert.doesNotMatch(template, /\{\{\{|\{\{&/);
  });
});
