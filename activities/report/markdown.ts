import { code, prose, row, withoutBackticks } from './markdown-text';
import type { Page } from './model';
import { clock, mapStrings, shortened } from './show';

/** What the fields of tickets hold: Jira's take 32,767 characters, those of others more. */
const MOST_CHARACTERS = 32_000;
/** Rows of one section, fewer where that is too much. */
const MOST_ROWS = [30, 12, 4];
const LONGEST_SENTENCE = 300;
const LONGEST_NOTES = 2_000;

/** The report for a ticket: what the page says, without the evidence. Whatever an alert says does nothing in it. */
export function markdownOf(page: Page): string {
  const safe = mapStrings(page, withoutBackticks);
  const texts = MOST_ROWS.map((most) => textOf(safe, most));
  return texts.find((text) => text.length <= MOST_CHARACTERS) ?? texts.at(-1) ?? '';
}

function textOf(page: Page, most: number): string {
  const sections = [
    head(page),
    summary(page),
    section(page.isClosed ? 'Recommended' : 'Do now', numbered(page.doNow, most)),
    section('Missing', missing(page, most)),
    section('Notes', notes(page)),
    section('Observables', observables(page, most)),
    section('Timeline', timeline(page, most)),
    foot(page),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function sentence(text: string): string {
  return prose(shortened(text.trim(), LONGEST_SENTENCE));
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [`### ${title}`, '', ...lines];
}

function item(label: string, text: string): string {
  return `- **${label}:** ${text}`;
}

/** Says how many are left out. */
function more(count: number): string[] {
  return count > 0 ? ['', `${count} more stand in the report.`] : [];
}

function head({ title, verdict, simulated }: Page): string[] {
  return [
    `## ${verdict.word}: ${sentence(title)}`,
    ...(simulated ? ['', '**Provider answers are simulated: do not act on this report.**'] : []),
  ];
}

function summary(page: Page): string[] {
  return [
    item('Incident', code(page.id)),
    item('Verdict', verdictText(page)),
    item('Why', sentence(page.why)),
    ...standing(page),
    ...page.facts.map(({ label, text, alarm }) => item(label, alarm ? `**${sentence(text)}**` : sentence(text))),
    ...alertItems(page),
  ];
}

function verdictText({ verdict }: Page): string {
  const { word, score, state, override } = verdict;
  const scored = score === null ? 'no score' : `score ${score} of 100`;
  if (override === null) return `${word}, ${scored}. ${sentence(`${state}.`)}`;
  return `${word}. ${sentence(`${state}:`)} ${sentence(override)} (The machine's ${scored}.)`;
}

function standing({ decision, hand, givenUp, suppressed }: Page): string[] {
  const { status, word, ruled, rule, flagged } = decision;
  const gaveUp = givenUp.map(({ source, observable }) => `${source} for ${code(observable)}`).join(', ');
  return [
    item('Status', hand ? handText(hand) : status),
    item('Decision', hand ? `The rules say: ${ruled}. ${sentence(rule)}` : `${word}. ${sentence(rule)}`),
    ...(gaveUp === '' ? [] : [item('Not waited for any more', gaveUp)]),
    ...(flagged === null ? [] : [item('Needs a second look', sentence(flagged))]),
    ...(suppressed === null ? [] : [item('Suppressed by', code(suppressed))]),
  ];
}

function handText({ heading, by, at, reason }: NonNullable<Page['hand']>): string {
  const when = at === null ? '' : `, ${clock(at)}`;
  return `${heading} (${sentence(by)}${when})${reason === '' ? '' : `: ${sentence(reason)}`}`;
}

/** Who, what and with what: of the first alert, what identifies it. */
const TELLING = [
  ...['Rule', 'Outcome', 'From address', 'From host', 'To address', 'To host', 'Host', 'User', 'Target user'],
  ...['File', 'Process', 'Command line', 'Mail from', 'Mail subject'],
];

function alertItems({ alerts }: Page): string[] {
  const fields = (alerts[0]?.fields ?? []).filter(({ label }) => TELLING.includes(label));
  return fields.map(({ label, text }) => item(label, code(shortened(text, LONGEST_SENTENCE))));
}

function numbered(texts: readonly string[], most: number): string[] {
  const lines = texts.slice(0, most).map((text, index) => `${index + 1}. ${sentence(text)}`);
  return [...lines, ...more(texts.length - lines.length)];
}

function missing(page: Page, most: number): string[] {
  const lines = page.missing.slice(0, most).map(({ source, observable, state, reason, until }) => {
    const end = until === null ? '' : ` (until ${clock(until)})`;
    return item(source, `${state} for ${code(observable)}: ${sentence(reason)}${end}`);
  });
  return [...lines, ...more(page.missing.length - lines.length)];
}

function notes({ notes: noted }: Page): string[] {
  if (!noted) return [];
  const { text, by, at } = noted;
  const lines = shortened(text.trim(), LONGEST_NOTES).split('\n');
  const last = by === null || at === null ? [] : ['', `Last changed by ${sentence(by)}, ${clock(at)}.`];
  // two spaces at its end keep a line a line
  return [...lines.map((line) => (line.trim() === '' ? '>' : `> ${prose(line)}  `)), ...last];
}

function observables(page: Page, most: number): string[] {
  if (page.observables.length === 0) return [];
  const { observables: all, moreObservables } = page;
  const rows = all.slice(0, most).map(({ type, value, roles, flags }) => {
    return row(type, code(shortened(value, LONGEST_SENTENCE)), roles.join(', ') || '–', flags.join(', ') || '–');
  });
  const header = [row('Type', 'Value', 'Roles', 'Flags'), row('---', '---', '---', '---')];
  return [...header, ...rows, ...more(all.length - rows.length + moreObservables)];
}

/** The verdict and what people did, without the steps of the rounds; the last ones are the newest. */
function timeline(page: Page, most: number): string[] {
  const told = page.timeline.filter(({ kind }) => kind !== 'step');
  const lines = told.slice(-most).map(({ at, what, who, summary: text }) => {
    const said = text === '' ? '' : `: ${sentence(text)}`;
    return `- ${clock(at)} **${sentence(what)}** by ${sentence(who)}${said}`;
  });
  return [...lines, ...more(told.length - lines.length)];
}

function foot(page: Page): string[] {
  const { version, generatedAt, author, reason, policyVersion, policy, id, head: chain, links } = page;
  const rules =
    policy === null ? '' : ` Policy ${policyVersion === null ? '' : `${sentence(policyVersion)}, `}${code(policy)}.`;
  return [
    '---',
    '',
    `Report ${version} of ${code(id)}, ${clock(generatedAt)}, by ${sentence(author)}, after: ${sentence(reason)}.${rules}`,
    `It rests on the audit chain up to row ${chain.seq}, whose SHA-256 is ${code(chain.hash)}.`,
    ...(links === null ? [] : [`The whole report: <${links.html}>`]),
  ];
}
