import { given } from '../../domain/given';
import type { Reliability } from '../../domain/signal';
import { EXIT, UsageError, type ExitCode } from '../errors';
import { ApiProblemError } from '../http';
import type { IocSource, IocSourceSettings } from '../ioc-client';
import { orDash, type Output } from '../output';
import type { Session } from '../session';
import { renderList } from '../table';
import { clean, counted, minute, spanOf, typed } from '../text';

export interface SetOptions {
  reliability?: Reliability;
  confidence?: number;
  tlp?: string;
  /** Days, or 0: by age only. */
  expiresAfter?: number;
  tag?: string[];
  description?: string;
  /** An address; false: no feed any more. */
  feed?: string | false;
  format?: string;
  columns?: Record<string, string>;
  /** Ms. */
  every?: number;
  pause?: true;
  resume?: true;
}

/** `soar ioc sources list`. */
export async function sourcesCommand(session: Session): Promise<ExitCode> {
  const client = await session.client();
  const list = await client.iocs.sources();
  const { out } = session;
  if (out.json) out.data(list);
  else if (list.items.length === 0) out.line('Nobody has said anything yet.');
  else showAll(out, list.items);
  return EXIT.ok;
}

/** `soar ioc sources show NAME`. */
export async function sourceCommand(session: Session, name: string): Promise<ExitCode> {
  const client = await session.client();
  return shown(session, await client.iocs.source(name));
}

/** `soar ioc sources set NAME`: changes what is given, and leaves the rest as it is. */
export async function setSourceCommand(session: Session, name: string, options: SetOptions): Promise<ExitCode> {
  const client = await session.client();
  const known = await knownSource(session, name);
  const settings = changed(known, options);
  if (settings.reliability === undefined) {
    throw new UsageError(`How far is ${name} believed?`, 'Add --reliability A to F: B for a good feed, C if in doubt.');
  }
  return shown(session, await client.iocs.putSource(name, settings as IocSourceSettings));
}

/** `soar ioc sources remove NAME`. */
export async function removeSourceCommand(session: Session, name: string): Promise<ExitCode> {
  const client = await session.client();
  const removed = await client.iocs.removeSourceSettings(name);
  const { out } = session;
  if (out.json) out.data(removed);
  else {
    out.line(`The settings of ${clean(name)} are gone, and its feed. What it has said stays;`);
    out.line(`to remove that too: soar ioc delete --source ${typed(name)}`);
  }
  return EXIT.ok;
}

/** `soar ioc sources poll NAME`. */
export async function pollSourceCommand(session: Session, name: string): Promise<ExitCode> {
  const client = await session.client();
  const asked = await client.iocs.poll(name);
  const { out } = session;
  if (out.json) out.data(asked);
  else out.line(`Asked for. What comes of it: soar ioc sources show ${typed(name)}, soar ioc imports`);
  return EXIT.ok;
}

/** What stands there with settings; nothing where nobody has given it any. */
async function knownSource(session: Session, name: string): Promise<IocSource | undefined> {
  const client = await session.client();
  try {
    const found = await client.iocs.source(name);
    return found.declared ? found : undefined;
  } catch (error) {
    if (error instanceof ApiProblemError && error.status === 404) return undefined;
    throw error;
  }
}

function changed(known: IocSource | undefined, options: SetOptions): Partial<IocSourceSettings> {
  const { reliability, confidence, tlp, expiresAfter, tag, description } = options;
  const days = expiresAfter === 0 ? null : expiresAfter;
  return given({
    reliability: reliability ?? known?.reliability,
    confidence: confidence ?? known?.confidence,
    tlp: tlp ?? known?.tlp,
    expires_after_days: days === undefined ? known?.expires_after_days : days,
    tags: tag ?? known?.tags,
    description: description ?? known?.description,
    feed: feedOf(known?.feed ?? undefined, options),
  });
}

/** @throws UsageError when settings of a feed are given, and there is none */
function feedOf(
  known: NonNullable<IocSource['feed']> | undefined,
  { feed, format, columns, every, pause, resume }: SetOptions,
): IocSourceSettings['feed'] {
  if (feed === false) return null;
  const url = feed ?? known?.url;
  if (url === undefined) {
    const asked = format ?? columns ?? every ?? pause ?? resume;
    if (asked !== undefined) throw new UsageError('It has no feed.', 'Add --feed https://…');
    return null;
  }
  return given({
    url,
    format: format ?? known?.format,
    columns: columns ?? known?.columns,
    every_seconds: every === undefined ? known?.every_seconds : Math.round(every / 1000),
    paused: pause ? true : resume ? false : known?.paused,
  });
}

function shown({ out }: Session, source: IocSource): ExitCode {
  if (out.json) out.data(source);
  else showOne(out, source);
  return EXIT.ok;
}

function showAll(out: Output, sources: readonly IocSource[]): void {
  out.table(
    [
      { title: 'source', shrink: true },
      { title: 'rel.' },
      { title: 'conf', align: 'right' },
      { title: 'entries', align: 'right' },
      { title: 'feed' },
      { title: 'last poll', shrink: true },
    ],
    sources.map((one) => [
      ...[clean(one.name), one.declared ? one.reliability : `(${one.reliability})`, String(one.confidence)],
      ...[counted(one.entries), everyOf(one), pollOf(one)],
    ]),
  );
  if (sources.some(({ declared }) => !declared)) out.note('( ) nobody has said how far it is believed');
}

function everyOf({ feed }: IocSource): string {
  if (feed === null) return '–';
  return feed.paused ? 'paused' : `every ${spanOf(feed.every_seconds).replace(/ 0\w$/, '')}`;
}

function pollOf({ feed, last_poll: poll }: IocSource): string {
  if (feed === null) return '–';
  if (poll.at === null) return 'not yet';
  const why = poll.error === null ? '' : `: ${poll.error}`;
  return clean(`${(poll.outcome ?? '').replaceAll('_', ' ')} ${minute(poll.at)}${why}`);
}

function showOne(out: Output, source: IocSource): void {
  const { bold, dim, red } = out.colours;
  const { feed, last_poll: poll } = source;
  const believed = `reliability ${source.reliability}, confidence ${source.confidence}`;
  out.line(`${bold(clean(source.name))}  ${source.declared ? believed : `${believed} (nobody has set them)`}`);
  const { expires_after_days: days } = source;
  const rows = [
    ['entries', counted(source.entries)],
    ['expires', days === null ? 'by age only' : `${days} days after it was last seen`],
    ['TLP', orDash(source.tlp)],
    ['tags', orDash(source.tags.join(', '))],
    ...(source.description === null ? [] : [['about', clean(source.description)]]),
    ...(feed === null ? [] : [['feed', clean(`${feed.url} (${feed.format ?? 'format recognised'})`)]]),
    ...(feed === null ? [] : [['polled', everyOf(source)]]),
    ...(feed === null ? [] : [['last poll', poll.outcome === 'failed' ? red(pollOf(source)) : pollOf(source)]]),
    ...(poll.import_id === null ? [] : [['import', poll.import_id]]),
  ];
  renderList(rows, { width: out.width, paints: [dim] }).forEach((line) => out.line(line));
}
