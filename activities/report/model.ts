import type { LedgerLine, Missing } from '../../domain/verdict';
import { techniqueName } from '../../domain/techniques';
import { standingOf } from './input';
import type { ReportInput } from './input';
import { findingSections, type FindingSections } from './findings';
import { historySections, type HistorySections } from './history';
import { clock, defangAddresses, hostDefanger, hostsOf, mapStrings, shortened, visible } from './show';
import {
  OUTCOME_WORDS,
  RESOLUTION_WORDS,
  sourceTitle,
  spaced,
  STATUS_WORDS,
  VERDICT_SIGNS,
  VERDICT_STATE_WORDS,
  VERDICT_WORDS,
} from './words';

/** Longest text of any place of the page, so that one hostile field cannot bury the rest. */
const MOST_CHARACTERS = 4_000;

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
    override: string | null;
  };
  why: string;
  decision: { key: string; word: string; rule: string; status: string; flagged: string | null };
  doNow: string[];
  scored: boolean;
  /** No required source had anything to be asked about. */
  nothingAsked: boolean;
  missing: MissingLine[];
  facts: { label: string; text: string }[];
}

/** Everything the template shows. Texts are made visible and harmless here; the template escapes them. */
export interface Page extends Summary, FindingSections, HistorySections {
  id: string;
  version: number;
  generatedAt: string;
  simulated: boolean;
  head: { seq: number; hash: string };
  policy: string | null;
  policyVersion: string | null;
  site: string | null;
  /** Our own address of the incident: the only links of the page; null when the public address is not a web address. */
  links: { incident: string; json: string } | null;
}

export function pageOf(input: ReportInput): Page {
  const told = { ...summaryOf(input), ...findingSections(input), ...historySections(input) };
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

function linksOf({ publicUrl, view }: ReportInput): Page['links'] {
  if (!/^https?:\/\/[^\s"'<>]+$/.test(publicUrl)) return null;
  const incident = `${publicUrl.replace(/\/+$/, '')}/api/v1/incidents/${encodeURIComponent(view.id)}`;
  return { incident, json: `${incident}/report.json` };
}

function summaryOf(input: ReportInput): Summary {
  const { view, decision, assessment } = input;
  return {
    title: shortened(view.title, 200),
    verdict: verdictOf(input),
    why: assessment?.explanation ?? view.explanation ?? 'No verdict has been reached yet.',
    decision: decisionOf(input),
    doNow: decision.recommendations,
    scored: assessment !== null,
    nothingAsked: assessment?.ledger.some(isNothingAsked) ?? false,
    missing: (assessment?.missing ?? view.missing).map((line) => ({
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
    state: VERDICT_STATE_WORDS[view.verdict_state],
    hasScore: view.score !== null,
    score: view.score,
    override: overrideLine(view),
  };
}

function decisionOf(input: ReportInput): Summary['decision'] {
  const { decision, view } = input;
  const { status, resolution } = standingOf(input);
  return {
    key: decision.outcome,
    word: OUTCOME_WORDS[decision.outcome],
    rule: decision.reason,
    flagged: view.flagged,
    status: `${STATUS_WORDS[status]}${resolution ? ` (${RESOLUTION_WORDS[resolution]})` : ''}`,
  };
}

function overrideLine(view: ReportInput['view']): string | null {
  if (!view.override) return null;
  const machine = view.machine_verdict ? VERDICT_WORDS[view.machine_verdict].toLowerCase() : 'nothing yet';
  return `Set by ${view.override.by}: “${view.override.reason}”. The machine says: ${machine}.`;
}

/** More would bury the rest. */
const MOST_TECHNIQUES = 8;

function techniquesIn({ techniques = [] }: ReportInput['decision']): Summary['facts'] {
  if (techniques.length === 0) return [];
  return [{ label: 'MITRE ATT&CK', text: techniques.slice(0, MOST_TECHNIQUES).map(techniqueName).join(', ') }];
}

function dueIn({ due }: ReportInput['decision']): Summary['facts'] {
  if (!due) return [];
  return [
    { label: 'Acknowledge by', text: clock(due.acknowledge) },
    { label: 'Close by', text: clock(due.close) },
  ];
}

function factsOf({ view, decision, playbookTitle }: ReportInput): Summary['facts'] {
  return [
    { label: 'Playbook', text: playbookTitle },
    { label: 'Alert type', text: spaced(view.alert_type) },
    ...techniquesIn(decision),
    { label: 'Severity', text: view.severity },
    { label: 'Source', text: view.source },
    { label: 'Alerts', text: String(view.alert_count) },
    { label: 'First seen', text: clock(view.first_seen) },
    { label: 'Last seen', text: clock(view.last_seen) },
    { label: 'Assignee', text: view.assignee ?? 'nobody' },
    ...dueIn(decision),
  ];
}
