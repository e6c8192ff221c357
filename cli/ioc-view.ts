import type { Ioc, IocAnswer, IocAnswers, IocDetail } from './ioc-client';
import { orDash, type Output } from './output';
import { renderList } from './table';
import { clean, minute, plural } from './text';

type Match = IocAnswer['matches'][number];
type Standing = Pick<Match, 'state' | 'confidence' | 'base_confidence' | 'last_seen' | 'override' | 'sources'>;
type Paint = (text: string) => string;

const same: Paint = (text) => text;

/** Red is what counts, yellow what one should know, dim what is over. */
export function statePaint({ colours }: Pick<Output, 'colours'>): (state: string) => Paint {
  const paints: Record<string, Paint> = { active: colours.red, confirmed: colours.red, dismissed: colours.green };
  return (state) => paints[state] ?? colours.yellow;
}

/** `active, confidence 81.8 of once 90`. */
function standingOf({ state, confidence, base_confidence: base, override }: Standing): string {
  switch (state) {
    case 'confirmed':
      return `confirmed malicious by ${orDash(override?.by)}`;
    case 'dismissed':
      return `dismissed as benign by ${orDash(override?.by)}`;
    case 'expired':
      return `expired (confidence once ${base})`;
    case 'active':
      return confidence === base ? `confidence ${confidence}` : `confidence ${confidence}, once ${base}`;
  }
}

/** What is known of a value. */
export function showAnswer(out: Output, answer: IocAnswer): void {
  const { bold, dim, yellow } = out.colours;
  const name = bold(`${answer.type}:${clean(answer.value)}`);
  out.line(`${name}  ${verdictOn(out, answer)}`);
  for (const match of answer.matches) {
    const how = match.match === 'exact' ? '' : ` (${match.match.replaceAll('_', ' ')} ${clean(match.value)})`;
    out.line(`  ${dim(`#${match.id}`)} ${standingOf(match)}, last seen ${minute(match.last_seen)} UTC${how}`);
    if (match.override) out.line(`    ${clean(match.override.reason)}`);
    showSources(out, match.sources);
  }
  showWarnings(out, answer);
  if (answer.incidents.length > 0) {
    const rows = [['in incidents', answer.incidents.join(', ')]];
    renderList(rows, { width: out.width, paints: [same] }).forEach((line) => out.line(line));
  }
  if (answer.flags.length > 0 && answer.warning_lists.length === 0) out.line(yellow(`  ${answer.flags.join(', ')}`));
}

/** In a few words: the nearest entry decides what stands there, unless another one counts more. */
function verdictOn({ colours }: Pick<Output, 'colours'>, { found, confidence, matches }: IocAnswer): string {
  const { dim, green, red, yellow } = colours;
  if (!found) return dim('not known');
  if (matches.some(({ state }) => state === 'confirmed')) return red('known, confirmed malicious');
  if (confidence > 0) return red(`known, confidence ${confidence}`);
  if (matches.some(({ state }) => state === 'dismissed')) return green('known, dismissed as benign');
  return yellow('known, but expired');
}

/** One line for each value. */
export function showAnswers(out: Output, { results, found, failed }: IocAnswers, values: readonly string[]): void {
  const { dim, yellow } = out.colours;
  const rows = results.map((result) => {
    if (!('found' in result)) {
      const why = result.errors?.map(({ detail }) => detail).join('; ') ?? result.detail;
      return [clean(values[result.index] ?? ''), yellow(clean(`✗ ${why}`))];
    }
    const { type, value, sources, incidents, warning_lists: lists } = result;
    const facts = [
      ...(sources.length > 0 ? [sources.map(clean).join(', ')] : []),
      ...(incidents.length > 0 ? [plural(incidents.length, 'incident')] : []),
      ...lists.filter(({ kind }) => kind !== 'marks').map(({ reason }) => clean(reason)),
    ];
    const told = facts.length > 0 ? dim(` · ${facts.join(' · ')}`) : '';
    return [`${type}:${clean(value)}`, `${verdictOn(out, result)}${told}`];
  });
  renderList(rows, { width: out.width, indent: 0 }).forEach((line) => out.line(line));
  const bad = failed > 0 ? `, ${failed} that cannot be looked up` : '';
  out.line();
  out.line(`${plural(results.length, 'value')}: ${found} known, ${results.length - found - failed} not known${bad}.`);
}

function showSources(out: Output, sources: readonly Match['sources'][number][]): void {
  const rows = sources.map((one) => [
    clean(one.reliability === null ? one.source : `${one.source} (${one.reliability})`),
    `${one.confidence}`,
    [
      one.revoked_at === null ? '' : `taken back ${minute(one.revoked_at)}`,
      `${minute(one.first_seen)} to ${minute(one.last_seen)}`,
      one.expires_at === null ? '' : `expires ${minute(one.expires_at)}`,
      one.tlp === null ? '' : `TLP:${one.tlp.toUpperCase()}`,
      ...one.tags,
      one.reference ?? '',
      one.added_by === null ? '' : `by ${one.added_by}`,
    ]
      .filter(Boolean)
      .map(clean)
      .join(' · '),
  ]);
  const { dim } = out.colours;
  renderList(rows, { width: out.width, indent: 4, paints: [same, dim, dim] }).forEach((line) => out.line(line));
}

function showWarnings(out: Output, { warning_lists: lists }: Pick<IocAnswer, 'warning_lists'>): void {
  for (const { list, version, reason } of lists) {
    out.line(out.colours.yellow(`  ! ${clean(reason)} (list ${clean(list)}, version ${clean(version)})`));
  }
}

/** An entry whole. */
export function showIoc(out: Output, ioc: Ioc | IocDetail): void {
  const { bold, dim } = out.colours;
  const paint = statePaint(out)(ioc.state);
  out.line(`${bold(`${ioc.type}:${clean(ioc.value)}`)}  ${paint(standingOf(ioc))}  ${dim(`#${ioc.id}`)}`);
  const rows = [
    ['last seen', `${minute(ioc.last_seen)} UTC`],
    ['expires', ioc.expires_at === null ? 'by age only' : `${minute(ioc.expires_at)} UTC`],
    ...(ioc.override
      ? [['why', clean(`${ioc.override.reason} (${ioc.override.by}, ${minute(ioc.override.at)} UTC)`)]]
      : []),
    ['added', clean(`${minute(ioc.created_at)} UTC by ${ioc.created_by}`)],
    ...('incidents' in ioc && ioc.incidents.length > 0 ? [['incidents', ioc.incidents.join(', ')]] : []),
  ];
  renderList(rows, { width: out.width, paints: [dim] }).forEach((line) => out.line(line));
  showWarnings(out, ioc);
  showSources(out, ioc.sources);
  if ('history' in ioc) showHistory(out, ioc.history);
}

function showHistory(out: Output, history: IocDetail['history']): void {
  const rows = history.map(({ at, summary }) => [minute(at), clean(summary)]);
  renderList(rows, { width: out.width, paints: [out.colours.dim] }).forEach((line) => out.line(line));
}
