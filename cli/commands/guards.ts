import { resolve } from 'node:path';
import {
  createGuardSource,
  guardFolderInForce,
  readGuardFolder,
  VENDORED_GUARDS,
  type GuardFolder,
} from '../../config/guards';
import { statePaths } from '../../config/home';
import { GUARD_TABLE } from '../../domain/guard-table';
import { findHome } from '../connection';
import { CliError, EXIT, messageOf, UsageError, type ExitCode } from '../errors';
import { mergeLists, type ListChange } from '../guards-merge';
import { readWarningLists, type WarningLists } from '../guards-source';
import { writeGuardFolder } from '../guards-store';
import type { Output } from '../output';
import type { Session } from '../session';
import { clean } from '../text';

export interface GuardsUpdateOptions {
  from?: string;
  to?: string;
  indexUrl: string;
  accept?: string[];
}

/** `soar guards list`: the lists in force here. Needs no server. */
export async function guardsListCommand({ out, env }: Session): Promise<ExitCode> {
  const { guards } = statePaths(await findHome(env));
  const folder = guardFolderInForce([guards, VENDORED_GUARDS]);
  const manifest = held(folder)?.manifest;
  const rows = createGuardSource([guards, VENDORED_GUARDS]).current().lists;
  if (out.json) {
    out.data({ folder: folder ?? null, source: manifest?.source ?? null, lists: rows });
    return EXIT.ok;
  }
  out.table(
    [
      { title: 'list' },
      { title: 'version' },
      { title: 'kind' },
      { title: 'entries', align: 'right' },
      { title: 'what it holds', shrink: true },
    ],
    rows.map(({ name, version, kind, entries, title }) => [
      clean(name),
      clean(version),
      kind,
      entries.toLocaleString('en-US'),
      clean(title),
    ]),
  );
  if (manifest) out.note(`From ${clean(manifest.source.name)} ${clean(manifest.source.version)}, in ${folder}`);
  return EXIT.ok;
}

/**
 * `soar guards update`: takes newer lists, and keeps what the source lost or spoiled. A running suite takes them up by
 * itself. Exit 1 when a list needs a look.
 */
export async function guardsUpdateCommand({ out, env }: Session, options: GuardsUpdateOptions): Promise<ExitCode> {
  const accepted = new Set(options.accept);
  const unknown = [...accepted].find((name) => !Object.hasOwn(GUARD_TABLE, name));
  if (unknown !== undefined) throw new UsageError(`${unknown} is not one of the lists that are used.`);
  const to = options.to === undefined ? statePaths(await findHome(env)).guards : resolve(options.to);
  const before = held(guardFolderInForce([to, VENDORED_GUARDS]));
  const found = await readWarningLists(options.from, options.indexUrl);
  const { lists, changes } = mergeLists(before, found, accepted);
  if (lists.length === 0) throw new CliError('Not one list is usable.', 'Nothing was changed.');
  const written = changes.some(({ outcome }) => !['unchanged', 'kept', 'not_taken'].includes(outcome));
  const source = { name: found.name, version: found.version };
  if (written) await write(to, source, lists);
  const problems = changes.filter(({ problem }) => problem).length;
  if (out.json) out.data({ source, folder: to, written, problems, lists: changes });
  else showChanges(out, changes, found, written ? `Written to ${to}; a running suite takes them up.` : undefined);
  return problems > 0 ? EXIT.failure : EXIT.ok;
}

async function write(
  to: string,
  source: GuardFolder['manifest']['source'],
  lists: Parameters<typeof writeGuardFolder>[2],
) {
  try {
    await writeGuardFolder(to, source, lists);
  } catch (error) {
    throw new CliError(`The lists cannot be written to ${to}: ${messageOf(error)}.`, 'The old ones are still there.');
  }
}

/** What is held, unless it is broken: then there is nothing to compare with, and the update mends it. */
function held(folder: string | undefined): GuardFolder | undefined {
  if (folder === undefined) return undefined;
  try {
    return readGuardFolder(folder);
  } catch (error) {
    if (folder === VENDORED_GUARDS) throw error;
    return readGuardFolder(VENDORED_GUARDS);
  }
}

function showChanges(out: Output, changes: readonly ListChange[], found: WarningLists, written?: string): void {
  const told = changes.filter(({ outcome }) => outcome !== 'unchanged');
  const paint = (text: string) => (/^(?:kept|not taken)/.test(text) ? out.colours.yellow(text) : text);
  const rows = told.map(({ name, outcome, before, after }) => [
    clean(name),
    outcome.replace('_', ' '),
    move(before?.version, after?.version),
    move(before?.entries.toLocaleString('en-US'), after?.entries.toLocaleString('en-US')),
  ]);
  const columns = [
    { title: 'list', shrink: true },
    { title: 'outcome', paint },
    { title: 'version' },
    { title: 'entries' },
  ];
  if (rows.length > 0) out.table(columns, rows);
  for (const { name, note, problem } of told.filter((change) => change.note !== null)) {
    const text = `${clean(name)}: ${clean(note ?? '')}`;
    out.line(problem ? out.colours.red(`✗ ${text}`) : `  ${text}`);
  }
  const unchanged = changes.length - told.length;
  const from = `${clean(found.name)} ${clean(found.version)}`;
  out.line(`${from}: ${told.length} lists with something to tell, ${unchanged} unchanged.`);
  out.line(written ?? 'There was nothing to write.');
  const problems = changes.filter(({ problem }) => problem).length;
  if (problems > 0) out.note(`${problems} lists need a look; --accept NAME takes what the source has all the same.`);
}

function move(before: string | undefined, after: string | undefined): string {
  if (before === after || before === undefined) return after ?? '–';
  return `${before} → ${after ?? '–'}`;
}
