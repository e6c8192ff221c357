import { given } from '../../domain/given';
import type { IocType } from '../../domain/intel/indicator';
import { EXIT, UsageError, type ExitCode } from '../errors';
import type { Ioc } from '../ioc-client';
import { showIoc, statePaint } from '../ioc-view';
import { ApiProblemError } from '../http';
import type { Session } from '../session';
import { clean, counted, minute, plural } from '../text';
import { givenFilters, IOC_FILTERS, IOC_LIST_FILTERS } from './filters';
import { entryIdOf } from './ioc';

export interface AddOptions {
  type?: IocType;
  source?: string;
  confidence?: number;
  tag?: string[];
  tlp?: string;
  /** RFC 3339. */
  until?: string;
  /** Ms. */
  for?: number;
  reference?: string;
}

export interface VerdictOptions {
  reason?: string;
}

export interface DeleteOptions {
  source?: string;
  yes?: true;
}

export interface ConfirmOptions {
  confidence?: number;
  tag?: string[];
  reason: string;
}

/** `soar ioc list`: entries, newest first. */
export async function iocListCommand(session: Session, options: Record<string, unknown>): Promise<ExitCode> {
  const client = await session.client();
  const page = await client.iocs.list(givenFilters(options, { ...IOC_FILTERS, ...IOC_LIST_FILTERS }));
  const { out } = session;
  if (out.json) {
    out.data(page);
    return EXIT.ok;
  }
  const paint = statePaint(out);
  if (page.items.length > 0) {
    out.table(
      [
        { title: 'id', align: 'right' },
        { title: 'type' },
        { title: 'value', shrink: true },
        { title: 'conf', align: 'right' },
        { title: 'state', paint: (text) => paint(text.trim())(text) },
        { title: '' },
        { title: 'last seen' },
        { title: 'sources', shrink: true },
      ],
      page.items.map((ioc) => [
        ...[String(ioc.id), ioc.type, clean(ioc.value), String(ioc.confidence), ioc.state, ioc.flagged ? '!' : ''],
        ...[minute(ioc.last_seen), ioc.sources.map(({ source }) => clean(source)).join(', ')],
      ]),
    );
    if (page.items.some(({ flagged }) => flagged)) out.note('! private, your own, or on a warning list');
  } else out.line(page.next_cursor === null ? 'No entry is like that.' : 'None so far.');
  if (page.next_cursor) out.note(`More: add --cursor ${page.next_cursor}`);
  return EXIT.ok;
}

/** `soar ioc show ID|VALUE`. */
export async function iocShowCommand(session: Session, text: string): Promise<ExitCode> {
  const client = await session.client();
  const ioc = await client.iocs.get(await entryIdOf(client, text));
  return shown(session, ioc);
}

/** `soar ioc add VALUE`: says that a value is an indicator. */
export async function iocAddCommand(session: Session, value: string, options: AddOptions): Promise<ExitCode> {
  const { type, source, confidence, tag: tags, tlp, until, for: ms, reference } = options;
  const expires_at = ms === undefined ? until : new Date(Date.now() + ms).toISOString();
  const client = await session.client();
  return shown(
    session,
    await client.iocs.add({ value, ...given({ type, source, confidence, tags, tlp, expires_at, reference }) }),
  );
}

/** `soar ioc verdict ID|VALUE malicious|benign|none`: what an analyst says holds. */
export async function iocVerdictCommand(
  session: Session,
  text: string,
  word: 'malicious' | 'benign' | 'none',
  { reason }: VerdictOptions,
): Promise<ExitCode> {
  const verdict = word === 'none' ? null : word;
  if (verdict !== null && reason === undefined) throw new UsageError('It needs a reason.', "Add --reason '…'.");
  const client = await session.client();
  const id = await entryIdOf(client, text);
  return shown(session, await client.iocs.judge(id, { verdict, ...given({ reason }) }));
}

/** `soar ioc delete ID|VALUE`, or all that a source has said. */
export async function iocDeleteCommand(
  session: Session,
  text: string | undefined,
  { source, yes }: DeleteOptions,
): Promise<ExitCode> {
  if ((text === undefined) === (source === undefined)) {
    throw new UsageError('Say either which entry, or --source NAME.');
  }
  const client = await session.client();
  const { out } = session;
  if (source !== undefined) {
    if (!yes) throw new UsageError(await sizeOf(session, source), 'Add --yes if that is meant.');
    const removed = await client.iocs.removeSource(source);
    if (out.json) out.data(removed);
    else {
      const gone = `${plural(removed.entries, 'entry', 'entries')} that nobody else knew`;
      out.line(`${plural(removed.sightings, 'sighting')} of ${clean(source)} removed, and ${gone}.`);
    }
    return EXIT.ok;
  }
  const id = await entryIdOf(client, text ?? '');
  const removed = await client.iocs.remove(id);
  if (out.json) out.data(removed);
  else out.line(`Entry #${id} is removed, with all that was said of it.`);
  return EXIT.ok;
}

async function sizeOf(session: Session, source: string): Promise<string> {
  try {
    const { entries } = await (await session.client()).iocs.source(source);
    return `This removes what ${source} has said of ${counted(entries)} entries.`;
  } catch (error) {
    if (error instanceof ApiProblemError && error.status === 404) return `${source} has said nothing.`;
    throw error;
  }
}

/** `soar ioc confirm INC-… OBSERVABLE`: an incident's observable is malicious from now on. */
export async function iocConfirmCommand(
  session: Session,
  incidentId: string,
  observable: string,
  { confidence, tag: tags, reason }: ConfirmOptions,
): Promise<ExitCode> {
  const client = await session.client();
  const request = { observable, reason, ...given({ confidence, tags }) };
  return shown(session, await client.iocs.confirm(incidentId.toUpperCase(), request));
}

function shown({ out }: Session, ioc: Ioc): ExitCode {
  if (out.json) out.data(ioc);
  else showIoc(out, ioc);
  return EXIT.ok;
}
