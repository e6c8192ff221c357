import type { LedgerLine, Missing } from '../../domain/verdict';
import { techniqueName } from '../../domain/techniques';
import { standingOf } from './input';
import type { ReportInput } from './input';
import { caseworkSections, clockFacts, type CaseworkSections, type Fact } from './casework';
import { findingSections, type FindingSections } from './findings';
import { historySections, type HistorySections } from './history';
import { clock, defangAddresses, hostDefanger, hostsOf, mapStrings, shortened, visible } from './show';
import {
  OUTCOME_WORDS,
  RESOLUTION_WORDS,
  RULED_WORDS,
  sourceTitle,
  spaced,
  STATUS_WORDS,
  VERDICT_SIGNS,
  VERDICT_STATE_WORDS,
  VERDICT_WORDS,
} from './words';

/** Longest text of any place of the page, so that one hostile field cannot bury the rest. */
const MOST_CHARACTERS = 4_000;

/** The act that it repeats stands in the timeline. */
const MOST_OF_REASON = 300;

export interface MissingLine {
  source: string;
  observable: string;
  state: string;
  reason: string;
  until: string | null;
}

/** What the first screen says. */
export interface Summary {
  title: string;
  verdict: {
    key: string;
    word: string;
    /** Outline of the verdict's sign: its shape differs as its colour does. */
    sign: string;
    state: string;
    hasScore: boolean;
    score: number | null;
    /** Why an analyst's verdict is in force; the score is the machine's then. */
    override: string | null;
  };
  why: string;
  decision: {
    word: string;
    /** What the rules say, where a person has said otherwise. */
    ruled: string;
    rule: string;
    status: string;
    /** Null where what a person did says it already. */
    statusLabel: string | null;
    flagged: string | null;
  };
  /** There is nothing to do any more. */
  isClosed: boolean;
  doNow: string[];
  scored: boolean;
  /** No required source had anything to be asked about. */
  nothingAsked: boolean;
  missing: MissingLine[];
  facts: Fact[];
}

/** Everything the template shows. Texts are made visible and harmless here; the template escapes them. */
export interface Page extends Summary, CaseworkSections, FindingSections, HistorySections {
  id: string;
  version: number;
  generatedAt: string;
  author: string;
  reason: string;
  simulated: boolean;
  head: { seq: number; hash: string };
  policy: string | null;
  policyVersion: string | null;
  site: string | null;
  /** Our own address of the incident: the only links of the page; null when the public address is not a web address. */
  links: { incident: string; versions: string; html: string; json: string; markdown: string } | null;
}

export function pageOf(input: ReportInput): Page {
  const told = {
    ...{ author: input.author, reason: shortened(input.reason, MOST_OF_REASON) },
    ...summaryOf(input),
    ...caseworkSections(input),
    ...findingSections(input),
    ...historySections(input),
  };
  return {
    ...mapStrings(told, harmless(input)),
    id: input.view.id,
    version: input.version,
    generatedAt: input.generatedAt,
    simulated: input.simulated,
    head: input.head,
    policy: input.assessment?.policy ?? null,
    policyVersion: input.assessment?.version ?? null,
    site: input.assessment?.site ?? null,
    links: linksOf(input),
  };
}

/** Our own hosts stay readable; every other host name is defanged wherever it appears. */
function harmless(input: ReportInput): (text: string) => string {
  const foreign = input.view.observables.filter((seen) => seen.flags.length === 0);
  const defangHosts = hostDefanger(foreign.flatMap((seen) => hostsOf(seen.type, seen.value)));
  return (text) => defangHosts(defangAddresses(visible(shortened(text, MOST_CHARACTERS))));
}

function linksOf({ publicUrl, view, version }: ReportInput): Page['links'] {
  if (!/^https?:\/\/[^\s"'<>]+$/.test(publicUrl)) return null;
  const incident = `${publicUrl.replace(/\/+$/, '')}/api/v1/incidents/${encodeURIComponent(view.id)}`;
  const as = (form: string) => `${incident}/report.${form}?version=${version}`;
  return { incident, versions: `${incident}/reports`, html: as('html'), json: as('json'), markdown: as('md') };
}

function summaryOf(input: ReportInput): Summary {
  const { view, decision, assessment } = input;
  return {
    title: shortened(view.title, 200),
    verdict: verdictOf(input),
    why: assessment?.explanation ?? view.explanation ?? 'No verdict has been reached yet.',
    decision: decisionOf(input),
    isClosed: standingOf(input).status === 'closed',
    doNow: decision.recommendations,
    scored: assessment !== null,
    nothingAsked: assessment?.ledger.some(isNothingAsked) ?? false,
    missing: missingIn(input).map((line) => ({
      ...line,
      ...waitOf(input, line),
      source: sourceTitle(input.sources, line.source),
      state: spaced(line.state),
    })),
    facts: factsOf(input),
  };
}

/** Ledgers of before do not tell how many answers there are. */
function isNothingAsked({ rule, numbers }: LedgerLine): boolean {
  return rule === 'required_sources' && numbers['answers'] === 0;
}

/** A round tells what its verdict lacked; whoever acts later may have given that up. */
function missingIn({ view, assessment, concluded }: ReportInput): Missing[] {
  return concluded ? view.missing : (assessment?.missing ?? view.missing);
}

/** Until when and why a source is waited for is told as it is now, as in the rest of the page. */
function waitOf({ view }: ReportInput, line: Missing): Partial<Missing> {
  if (line.state !== 'waiting') return {};
  const now = view.missing.find(({ source, observable }) => source === line.source && observable === line.observable);
  return now?.state === 'waiting' ? { until: now.until, reason: now.reason } : {};
}

function verdictOf({ view }: ReportInput): Summary['verdict'] {
  return {
    key: view.verdict,
    word: VERDICT_WORDS[view.verdict],
    sign: VERDICT_SIGNS[view.verdict],
    state: stateOf(view),
    hasScore: view.score !== null,
    score: view.score,
    override: overrideLine(view),
  };
}

function decisionOf(input: ReportInput): Summary['decision'] {
  const { decision, view } = input;
  const { status, resolution } = standingOf(input);
  return {
    word: OUTCOME_WORDS[decision.outcome],
    ruled: RULED_WORDS[decision.outcome],
    rule: decision.reason,
    statusLabel: statusLabel(input),
    flagged: view.flagged,
    status: `${STATUS_WORDS[status]}${resolution ? ` (${RESOLUTION_WORDS[resolution]})` : ''}`,
  };
}

function statusLabel({ view, concluded }: ReportInput): string | null {
  if (!concluded) return 'Status after this round';
  return view.status_by === null ? 'Status' : null;
}

function stateOf({ verdict_state, override }: ReportInput['view']): string {
  return override ? `Set by ${override.by}, ${clock(override.at)}` : VERDICT_STATE_WORDS[verdict_state];
}

function overrideLine({ override, machine_verdict }: ReportInput['view']): string | null {
  if (!override) return null;
  const machine = machine_verdict ? VERDICT_WORDS[machine_verdict].toLowerCase() : 'nothing yet';
  return `“${override.reason}” The machine says: ${machine}.`;
}

/** More would bury the rest. */
const MOST_TECHNIQUES = 8;

function techniquesIn({ techniques = [] }: ReportInput['decision']): [label: string, text: string][] {
  if (techniques.length === 0) return [];
  return [['MITRE ATT&CK', techniques.slice(0, MOST_TECHNIQUES).map(techniqueName).join(', ')]];
}

function factsOf({ view, decision, assessment, playbookTitle }: ReportInput): Fact[] {
  const facts: [label: string, text: string][] = [
    ['Playbook', playbookTitle],
    ['Alert type', spaced(view.alert_type)],
    ...techniquesIn(decision),
    ['Severity', view.severity],
    ['Source', view.source],
    ['Alerts', String(view.alert_count)],
    ['First seen', clock(view.first_seen)],
    ['Last seen', clock(view.last_seen)],
    ['Assignee', view.assignee ?? 'nobody'],
    ...(assessment?.version === undefined ? [] : [['Policy', `version ${assessment.version}`] as [string, string]]),
  ];
  return [...clockFacts(view), ...facts.map(([label, text]) => ({ label, text, alarm: false }))];
}
