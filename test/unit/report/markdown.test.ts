import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { code, prose, row } from '../../../activities/report/markdown-text';
import { renderReport } from '../../../activities/report/render';
import type { ReportInput } from '../../../activities/report/render';
import { visible } from '../../../activities/report/show';
import { handledReport, hostileReport, pendingReport } from './fixture';
import { HOSTILE } from './hostile';

/** A renderer that does all that tickets do: HTML passes, and whatever looks like an address is made a link. */
const renderer = new MarkdownIt({ html: true, linkify: true, typographer: false });

interface Part {
  type: string;
  content: string;
  href: string | number | null;
}

function partsOf(markdown: string): Part[] {
  return renderer
    .parse(markdown, {})
    .flatMap((token) => [token, ...(token.children ?? [])])
    .map((token) => ({ type: token.type, content: token.content, href: token.attrGet('href') }));
}

/** What a reader sees of one line of text, mended where the renderer mends it. */
function seen(markdown: string): string {
  return partsOf(markdown)
    .filter(({ type }) => type === 'text' || type === 'code_inline')
    .map(({ content }) => content)
    .join('');
}

const ACTIVE =
  /^(?:link_open|image|html_block|html_inline|s_open|em_open|heading_open|fence|code_block|hr|.*list_open)$/;

/** Whatever text an alert may have. */
const anyText = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[-a-z0-9 @#!|\\`*_~$<>[\](){}:/.&"'+=\n]{1,60}$/),
    fc.array(fc.constantFrom(...Object.values(HOSTILE), '-', '1.', '>', '#', 'word', '"', '...', '|', '\\|'), {
      maxLength: 8,
    }),
  )
  .map((text) => visible(Array.isArray(text) ? text.join(' ') : text));

const oneLine = (text: string) => text.replaceAll('`', '[U+0060]').trim().replace(/\s+/g, ' ');

describe('text in Markdown', () => {
  it('leaves plain words as they are, and puts everything else in code', () => {
    for (const plain of [
      'Reset the password of administrator',
      '12 of 91 engines call it malicious; 10 make it high (at 02:10:05).',
      'Block 185.220.101.1 at the edge',
      'Müller’s Überweisung – “請求書” 50% 90/100',
    ]) {
      assert.equal(prose(plain), plain);
    }
    assert.equal(prose('mail (a@evil.example), now'), 'mail (`a@evil.example`), now');
    assert.equal(prose('run C:\\x\\cmd.exe /c now!'), 'run `C:\\x\\cmd.exe /c` now!');
    assert.equal(prose('see SEC-1 and #5'), 'see `SEC-1` and `#5`');
    assert.equal(prose('1. is no list'), '`1`. is no list');
    assert.equal(prose('- is no list'), '`-` is no list');
    assert.equal(prose(' \n'), '–');
    assert.equal(code('a `b`\n c'), '`a [U+0060]b[U+0060] c`');
    assert.equal(row(code('a|b\\|c'), 'd'), '| `a\\|b\\[U+007C]c` | d |');
  });

  it('does nothing, wherever it stands, and says what it said', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const [before, written] of [
          ['- **x:** ', prose(text)],
          ['> ', prose(text)],
          ['### ', prose(text)],
          ['- **x:** ', code(text)],
        ] as const) {
          const markdown = `${before}${written}`;
          assert.ok(!written.includes('\n'));
          const allowed = before.startsWith('#') ? 'heading_open' : before.startsWith('-') ? 'bullet_list_open' : '';
          const active = partsOf(markdown).filter(({ type }) => ACTIVE.test(type) && type !== allowed);
          assert.deepEqual(active, [], markdown);
          const said = seen(markdown).replace(/^x: /, '');
          assert.equal(said, oneLine(text) || '–', markdown);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('stays in its cell of a table', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const parts = partsOf([row('A', 'B'), row('---', '---'), row(prose(text), code(text))].join('\n'));
        const cells = parts.filter(({ type }) => type === 'td_open');
        assert.equal(cells.length, 2);
        assert.deepEqual(
          parts.filter(({ type }) => ACTIVE.test(type)),
          [],
        );
        const said = oneLine(text).replaceAll('\\|', '\\[U+007C]') || '–';
        assert.deepEqual(
          parts.filter(({ type }) => type === 'inline').map(({ content }) => seen(content)),
          ['A', 'B', said, said],
        );
      }),
      { numRuns: 500 },
    );
  });
});

/** Each text of an incident that comes from outside, replaced by a hostile one. */
function floodedWith(text: string, input: ReportInput): ReportInput {
  const { view } = input;
  return {
    ...input,
    decision: { ...input.decision, reason: text, recommendations: [text, text] },
    view: {
      ...view,
      ...{ title: text, source: text, assignee: text, analyst_notes: text },
      alerts: view.alerts.map((alert) => ({ ...alert, username: text, command_line: text, rule_name: text })),
      observables: [...view.observables, { type: 'host', value: text, roles: ['source'], flags: [] }],
      missing: view.missing.map((line) => ({ ...line, reason: text })),
      audit: view.audit.map((step) => ({ ...step, summary: text, actor: text })),
    },
  };
}

describe('report as Markdown', () => {
  const reports = { hostile: hostileReport(), pending: pendingReport(), handled: handledReport() };

  for (const [name, input] of Object.entries(reports)) {
    it(`has nothing active in it but our own address: ${name}`, () => {
      for (const text of [undefined, ...Object.values(HOSTILE)]) {
        const { markdown } = renderReport(text === undefined ? input : floodedWith(text, input));
        const parts = partsOf(markdown);
        const own = 'http://127.0.0.1:8080/api/v1/incidents/INC-7K3M9QX2AB/report.html';
        const links = parts.filter(({ type }) => type === 'link_open');
        assert.deepEqual(
          links.map(({ href }) => href),
          [`${own}?version=${input.version}`],
        );
        for (const { type, content } of parts) {
          assert.doesNotMatch(type, /^(?:image|html_block|html_inline|s_open|em_open|fence|code_block)$/, content);
          // mentions, references and addresses are looked for in rendered text, wherever that is not code
          if (type === 'text') assert.doesNotMatch(content.replace(/http:\/\/127\S+/, ''), /[@#]|:\/\/|\w\.[a-z]{2}/i);
        }
        assert.doesNotMatch(markdown, /http:\/\/collector|login\.evil\.example/);
      }
    });
  }

  it('has the sections of a ticket, in the order in which they are read', () => {
    const headings = (input: ReportInput) =>
      [...renderReport(input).markdown.matchAll(/^#+ (\S+)/gm)].map((match) => match[1]);
    assert.deepEqual(headings(hostileReport()), ['Malicious:', 'Do', 'Missing', 'Observables', 'Timeline']);
    assert.deepEqual(headings(handledReport()), [
      ...['Benign:', 'Recommended', 'Missing', 'Notes', 'Observables', 'Timeline'],
    ]);
  });

  it('tells verdict, decision, advice and what is missing', () => {
    const { markdown } = renderReport(hostileReport());
    for (const text of [
      '- **Verdict:** Malicious, score 92 of 100. Provisional: it may change',
      '- **Why:** Malicious: the address is a known attacker',
      '- **Decision:** Escalated: a person must look now. The verdict is malicious',
      '**Provider answers are simulated: do not act on this report.**',
      '1. Block 185.220.101.1 at the edge',
      '- **VirusTotal:** waiting for `domain:login[.]evil[.]example`: The quota of the day is spent',
      '(until 2026-11-24 00:00:00 UTC)',
      '| url | `hxxp://user:pw@login[.]evil[.]example/verify?id=1` | link, mentioned | – |',
      "- **User:** `' onmouseover=",
      `row 4, whose SHA-256 is \`${'c'.repeat(64)}\``,
    ]) {
      assert.ok(markdown.includes(text), text);
    }
  });

  it('tells what people did: who, when and why; without the steps of the rounds', () => {
    const { markdown } = renderReport(handledReport());
    const timeline = markdown.slice(markdown.indexOf('### Timeline'));
    assert.deepEqual(
      [...timeline.matchAll(/^- (.*? UTC) \*\*(.*?)\*\* by (\w+)/gm)].map((match) => match.slice(1)),
      [
        ['2026-11-23 02:10:04 UTC', 'verdict: Malicious, score 92', 'machine'],
        ['2026-11-23 02:31:00 UTC', 'acknowledge', 'ana'],
        ['2026-11-23 09:40:00 UTC', 'override verdict', 'ana'],
        ['2026-11-23 09:40:00 UTC', 'verdict: Benign, score 92', 'ana'],
        ['2026-11-23 09:41:30 UTC', 'close', 'ben'],
      ],
    );
    for (const text of [
      '- **Verdict:** Benign. Set by ana, 2026-11-23 09:40:00 UTC: “The pentest of',
      "The machine says: malicious. (The machine's score 92 of 100.)",
      '- **Status:** Closed by an analyst: false positive (ben, 2026-11-23 09:41:30 UTC): The owner confirms it',
      '- **Not waited for any more:** VirusTotal for `domain:login[.]evil[.]example`',
      '- **Closed:** **2026-11-23 09:41:30 UTC, too late: due 2026-11-23 06:10:00 UTC**',
      '- **Escalated to:** **shift lead**',
      '> `#` Not a heading',
      'Last changed by ben, 2026-11-23 09:41:00 UTC.',
      'Report 4 of `INC-7K3M9QX2AB`, 2026-11-23 09:41:30 UTC, by ben, after: ben closed it as `false_positive`: The owner confirms it. Policy 7,',
    ]) {
      assert.ok(markdown.includes(text), text);
    }
  });

  it('fits into a ticket, however much there is, and says what is left out', () => {
    for (const text of ['` | @a '.repeat(2_000), 'word '.repeat(5_000)]) {
      const input = floodedWith(text, handledReport());
      const { view } = input;
      const many = <T>(all: readonly T[]): T[] => Array.from({ length: 200 }, (_, n) => all[n % all.length] as T);
      const { markdown } = renderReport({
        ...input,
        decision: { ...input.decision, recommendations: many([text]) },
        view: { ...view, observables: many(view.observables), missing: many(view.missing), audit: many(view.audit) },
      });
      assert.ok(markdown.length <= 32_000, `${markdown.length} characters`);
      assert.match(markdown, /^1\d\d more stand in the report\.$/m);
    }
  });
});
