import { IOC_TYPES } from '../../domain/intel/indicator';
import { auditLines } from '../audit-view';
import { caseworkOf, notesOf } from '../casework-view';
import type { Incident } from '../client';
import { techniqueName } from '../../domain/techniques';
import { EXIT, type ExitCode } from '../errors';
import { levelPaint, orDash, verdictPaint, type Output } from '../output';
import type { Session } from '../session';
import { explanationOf } from '../run-view';
import { renderList } from '../table';
import { clean, shortTime, wrap, typed } from '../text';
import { showLinks } from './alert';

export interface IncidentOptions {
  /** With the raw documents, as JSON. */
  raw?: boolean;
  /** With every comparison that the score and the verdict were made of. */
  why?: boolean;
  /** With every text that the notes have had. */
  notes?: boolean;
}

/** `soar incident`: one incident as a page. */
export async function incidentCommand(session: Session, id: string, options: IncidentOptions): Promise<ExitCode> {
  const client = await session.client();
  const incident = await client.incident(id.toUpperCase(), options.raw ? { include: 'raw' } : {});
  const { out } = session;
  if (out.json || options.raw) out.data(incident);
  else showIncident(out, incident, options);
  return EXIT.ok;
}

function showIncident(out: Output, incident: Incident, { why = false, notes = false }: IncidentOptions): void {
  showHead(out, incident);
  section(out, 'Casework', caseworkOf(out, incident, Date.now()));
  showWhy(out, incident);
  if (why) section(out, 'In numbers', ledgerOf(out, incident));
  showDecision(out, incident);
  showEvidence(out, incident);
  showHistory(out, incident);
  section(out, 'Notes', notesOf(out, incident, { all: notes }));
  out.line();
  showLinks(out, incident.links);
}

function showHead(out: Output, incident: Incident): void {
  const { bold, dim } = out.colours;
  const verdict = verdictPaint(out.colours)(incident.verdict);
  out.line(`${bold(incident.id)}  ${bold(verdict)} ${orDash(incident.score)}/100 ${dim(incident.verdict_state)}`);
  for (const line of wrap(clean(incident.title), out.width)) out.line(line);
  const state = incident.resolution ? `${incident.status} (${incident.resolution})` : incident.status;
  out.line(dim(`${incident.alert_type} · ${incident.severity} · ${state} · from ${clean(incident.source)}`));
  if (incident.flagged) {
    const text = `It is ${incident.status}, and needs a second look. ${clean(incident.flagged)}`;
    wrap(text, out.width).forEach((line) => out.line(out.colours.yellow(line)));
  }
  const counted = `${incident.alert_count} alert${incident.alert_count === 1 ? '' : 's'}`;
  const span = `${shortTime(incident.first_seen)} to ${shortTime(incident.last_seen)} UTC`;
  for (const line of groupingOf(incident)) wrap(line, out.width).forEach((text) => out.line(dim(text)));
  out.line(dim(`${counted} · seen ${span} · assignee ${orDash(incident.assignee)} · version ${incident.version}`));
}

const RELATIONS: Record<Incident['related'][number]['relation'], string> = {
  follows: 'follows',
  merged_into: 'merged into',
  merged_from: 'has the alerts of',
  split_from: 'split from',
  split_into: 'split into',
};

/** What further alerts join by, and the incidents that it has to do with. */
function groupingOf({ correlation, related }: Incident): string[] {
  const fields = Object.entries(correlation?.fields ?? {}).map(([name, value]) => `${name} ${clean(value)}`);
  const links = related.map(({ relation, incident_id }) => `${RELATIONS[relation]} ${incident_id}`);
  return [
    ...(fields.length > 0 ? [`joined by alerts with ${fields.join(', ')}`] : []),
    ...(links.length > 0 ? [links.join(' · ')] : []),
  ];
}

function showWhy(out: Output, incident: Incident): void {
  const why = wrap(clean(explanationOf(incident) ?? 'No verdict yet.'), out.width - 2).map((line) => `  ${line}`);
  const override = incident.override;
  if (override) {
    const text = `${orDash(override.by)} decided ${override.verdict}: ${clean(override.reason)}; the machine said ${orDash(incident.machine_verdict)}`;
    why.push(...wrap(text, out.width - 2).map((line) => out.colours.cyan(`  ${line}`)));
  }
  if (incident.rules) why.push(out.colours.dim(`  by ${rulesOf(incident.rules)}`));
  section(out, 'Why', why);
  section(
    out,
    'Signals',
    list(
      out,
      incident.signals.map((signal) => [signal.level, String(signal.points), signal.source, clean(signal.sentence)]),
      [levelPaint(out.colours), same, out.colours.dim],
    ),
  );
  const missing = incident.missing.map((each) => {
    const until = each.until ? ` (until ${shortTime(each.until)} UTC)` : '';
    return [each.source, clean(each.observable), each.state, `${clean(each.reason)}${until}`];
  });
  section(out, 'Missing', list(out, missing, [same, same, out.colours.yellow]));
}

/** Enough of a content hash to know it by; whole it stands in the JSON form. */
const HASH_SHOWN = 12;

function rulesOf({ policy, policy_version, site }: NonNullable<Incident['rules']>): string {
  const version = policy_version === null ? '' : ` version ${clean(policy_version)}`;
  return `policy${version} (${policy.slice(0, HASH_SHOWN)}), site knowledge ${site.slice(0, HASH_SHOWN)}`;
}

/** One line for each comparison, however long: their numbers stand at the end. */
function ledgerOf(out: Output, { ledger }: Incident): string[] {
  const rows = ledger.map(({ rule, text }) => [clean(rule), clean(text)]);
  return rows.length === 0
    ? ['  Nothing was reckoned yet.']
    : renderList(rows, { width: Infinity, paints: [out.colours.dim] });
}

function showDecision(out: Output, { decision }: Incident): void {
  if (!decision) return;
  const { outcome, reason, recommendations, techniques = [] } = decision;
  const told = [
    [`${outcome}: ${clean(reason)}`],
    ...(techniques.length > 0 ? [[`ATT&CK: ${techniques.map((id) => clean(techniqueName(id))).join(', ')}`]] : []),
  ];
  const steps = recommendations.map((text) => ['-', clean(text)]);
  section(out, 'Decision', [...list(out, told), ...list(out, steps)]);
}

/** How to say that one of them is malicious, as it is typed: of the first that means something outside. */
function confirmation(out: Output, { id, status, observables }: Incident): string[] {
  const one = observables.find(({ type, flags }) => IOC_TYPES.some((known) => known === type) && flags.length === 0);
  if (!one || status === 'closed') return [];
  return [
    out.colours.dim(`  Malicious for sure?  soar ioc confirm ${id} ${typed(`${one.type}:${one.value}`)} --reason '…'`),
  ];
}

function showEvidence(out: Output, incident: Incident): void {
  const observables = incident.observables.map(({ type, value, roles, flags }) => [
    clean(`${type}:${value}`),
    [roles.join(', '), ...flags].filter(Boolean).join(' · '),
  ]);
  section(out, 'Observables', [...list(out, observables), ...confirmation(out, incident)]);
  const enrichments = incident.enrichments.map((each) => {
    const until = each.until ? ` (until ${shortTime(each.until)} UTC)` : '';
    return [each.source, clean(each.observable), each.state, `${clean(each.summary)}${until}`];
  });
  section(out, 'Enrichments', list(out, enrichments, [same, same, statePaint(out)]));
}

function showHistory(out: Output, incident: Incident): void {
  const timeline = incident.verdict_timeline.map((entry) => {
    const reason = entry.reason && entry.reason !== incident.explanation ? `: ${clean(entry.reason)}` : '';
    const state = entry.in_force === false ? 'not in force' : entry.state;
    return [shortTime(entry.at), entry.verdict, `${orDash(entry.score)} ${state} by ${clean(entry.by)}${reason}`];
  });
  section(out, 'Verdict timeline', list(out, timeline, [out.colours.dim, verdictPaint(out.colours)]));
  const omitted = incident.audit_omitted;
  const note = omitted > 0 ? [out.colours.dim(`  ${omitted} rows of accepted alerts between them are left out`)] : [];
  section(out, 'Audit trail', [...auditLines(out, incident.audit), ...note]);
}

function list(out: Output, rows: string[][], paints: ((text: string) => string)[] = []): string[] {
  return renderList(rows, { width: out.width, paints });
}

function section(out: Output, title: string, lines: string[]): void {
  if (lines.length === 0) return;
  out.line();
  out.line(out.colours.bold(title));
  lines.forEach((line) => out.line(line));
}

function statePaint(out: Output): (text: string) => string {
  return (text) => {
    const state = text.trim();
    if (state === 'ok') return out.colours.green(text);
    return state === 'failed' ? out.colours.red(text) : out.colours.yellow(text);
  };
}

function same(text: string): string {
  return text;
}
