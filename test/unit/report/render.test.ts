import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { renderReport } from '../../../activities/report/render';
import type { LedgerLine } from '../../../domain/verdict';
import { handledReport, hostileReport, pendingReport } from './fixture';
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
    assert.match(html, /Set by key:analyst, 2026-11-23 03:00:00 UTC<\/bdi>: <bdi>“&lt;script&gt;/);
    assert.match(html, /the machine's score 92 of 100/);
    assert.match(html, /The machine says: malicious/);
  });
});

describe('report when analysts have acted', () => {
  const input = handledReport();
  const { html, json } = renderReport(input);
  const first = html.slice(html.indexOf('<main>'), html.indexOf('<nav'));

  it('says first what became of it, who did it, when and why; and then what the rules said', () => {
    assert.match(first, /<h2 id="decided">Closed by an analyst: false positive<\/h2>/);
    assert.match(first, /By <bdi>ben<\/bdi>, <time [^>]*>2026-11-23 09:41:30 UTC<\/time>: <bdi>The owner confirms it</);
    assert.match(first, /The playbook's rules say: escalate it\. <bdi>The verdict is malicious/);
    assert.doesNotMatch(first, /a person must look now|Do now/);
  });

  it('says which lookups closing has given up, and waits for nothing', () => {
    assert.match(
      first,
      /Not waited for any more: VirusTotal for <bdi class="code">domain:login\[\.\]evil\[\.\]example</,
    );
    assert.match(first, /failed\. <bdi>not waited for any more: ben closed the incident</);
    assert.doesNotMatch(first, /waiting\./);
    const document = JSON.parse(json) as { given_up: string[] };
    assert.deepEqual(document.given_up, ['virustotal/domain:login.evil.example']);
  });

  it('no longer names a lookup that has been answered since, nor any when it was opened again', () => {
    const { view } = input;
    const enrichments = view.enrichments.map((answer) => ({ ...answer, state: 'ok' as const }));
    for (const changed of [{ enrichments }, { status: 'open' as const, resolution: null }]) {
      const again = renderReport({ ...input, view: { ...view, ...changed } });
      assert.doesNotMatch(again.html, /Not waited for any more/);
      assert.deepEqual((JSON.parse(again.json) as { given_up: string[] }).given_up, []);
    }
  });

  it('says by when it was due, what was missed, and to whom that went', () => {
    assert.match(first, /<div><dt>Acknowledged<\/dt><dd><bdi>2026-11-23 02:31:00 UTC<\/bdi>/);
    const late = '2026-11-23 09:41:30 UTC, too late: due 2026-11-23 06:10:00 UTC';
    assert.match(first, new RegExp(`<div class="alarm"><dt>Closed</dt><dd><bdi>${late}</bdi>`));
    assert.match(first, /<div class="alarm"><dt>Escalated to<\/dt><dd><bdi>shift lead<\/bdi>/);
  });

  it('has the notes, as text, and who changed them last', () => {
    assert.match(first, /<p class="notes"><bdi>Asked the owner &lt;script&gt;/);
    assert.match(first, /Last changed by <bdi>ben<\/bdi>, <time [^>]*>2026-11-23 09:41:00 UTC</);
    assert.doesNotMatch(renderReport(hostileReport()).html, /id="notes"/);
  });

  it('names author, reason, time, version, policy and the head of the audit chain', () => {
    for (const text of [
      'Report version 4',
      '</time> by <bdi>ben</bdi></p>',
      '<p>After: <bdi>ben closed it as false_positive: The owner confirms it</bdi></p>',
      '<dt>Policy</dt><dd><bdi>version 7</bdi>',
      `up to row 4, whose SHA-256 is <span class="code">${'c'.repeat(64)}`,
      '/report.md?version&#x3D;4',
    ]) {
      assert.ok(html.includes(text), text);
    }
  });

  it('marks in the timeline what people did, and leaves the reports out', () => {
    const rows = [
      ...html.matchAll(
        /<tr role="row" class="(\w+)">.*?data-label="Step">(.*?)<\/td>.*?<bdi>([^<]*)<\/bdi><\/td><\/tr>/g,
      ),
    ];
    assert.deepEqual(
      rows.slice(-4).map((match) => match.slice(1)),
      [
        ['event', 'acknowledge', 'ana'],
        ['event', 'override verdict', 'ana'],
        ['turn', 'verdict: Benign, score 92', 'ana'],
        ['event', 'close', 'ben'],
      ],
    );
    assert.doesNotMatch(html, /Report 2 written/);
  });

  it('says on hold until when, why and by whom', () => {
    const { view } = input;
    const hold = {
      reason: 'waits for the customer',
      until: '2026-12-24T08:00:00.000000Z',
      by: 'ana',
      at: '2026-11-23T08:00:00Z',
    };
    const sla = { ...view.sla, paused: true, breached: false, breaches: {}, escalated_to: null };
    const held = { status: 'on_hold' as const, resolution: null, status_by: 'ana', closed_at: null, hold, sla };
    const page = renderReport({ ...input, view: { ...view, ...held } }).html;
    assert.match(
      page,
      /<h2 id="decided">On hold until 2026-12-24 08:00:00 UTC<\/h2>\n<p>By <bdi>ana<\/bdi>, <time [^>]*>2026-11-23 08:00:00 UTC<\/time>: <bdi>waits for the customer/,
    );
    assert.match(page, /<dt>Close by<\/dt><dd><bdi>2026-11-23 06:10:00 UTC, moves while it is on hold</);
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
      'given_up',
    ]);
    assert.deepEqual(document['report'], {
      schema: 'http://127.0.0.1:8080/schemas/report.json',
      version: 1,
      generated_at: '2026-11-23T02:10:05.000000Z',
      author: 'playbook',
      reason: 'Round 1',
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
