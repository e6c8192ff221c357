import { userInfo } from 'node:os';
import { KeyNameTakenError } from '../../db/errors';
import type { KeyView } from '../../db/repositories/api-keys';
import type { Store } from '../../db/store';
import { nameProblem, type Role } from '../../domain/api-key';
import { withDatabase } from '../database';
import { CliError, EXIT, UsageError, type ExitCode } from '../errors';
import { orDash } from '../output';
import type { Session } from '../session';
import { clean, minute, shortTime } from '../text';

/** `soar keys add`: standard output gets the key and nothing else, this once. */
export async function keysAddCommand({ out, env }: Session, name: string, { role }: { role: Role }): Promise<ExitCode> {
  const problem = nameProblem(name);
  if (problem) throw new UsageError(`${problem}.`);
  const { id, key } = await withDatabase(env, 'The key cannot be made', (store) => create(store, name, role));
  if (out.json) {
    out.data({ id, name, role, key });
    return EXIT.ok;
  }
  out.line(key);
  out.note(`The key of ${name} (${role}, id ${id}) is shown this once: only its hash is kept.`);
  return EXIT.ok;
}

async function create({ apiKeys }: Store, name: string, role: Role): Promise<{ id: number; key: string }> {
  try {
    return await apiKeys.create(name, role, actor());
  } catch (error) {
    if (!(error instanceof KeyNameTakenError)) throw error;
    throw new CliError(`${error.message}.`, `Choose another name, or revoke that one first: soar keys revoke ${name}`);
  }
}

/** `soar keys list`: whose keys there are and were, and when they were used; never a key. */
export async function keysListCommand({ out, env }: Session): Promise<ExitCode> {
  const items = await withDatabase(env, 'The keys cannot be read', ({ apiKeys }) => apiKeys.list());
  if (out.json) {
    out.data({ items });
    return EXIT.ok;
  }
  out.table(
    [
      { title: 'id', align: 'right' },
      { title: 'name', shrink: true },
      { title: 'role' },
      { title: 'created (UTC)' },
      { title: 'last used' },
      { title: 'revoked' },
    ],
    items.map(({ id, name, role, created_at, last_used_at, revoked_at }) => [
      ...[String(id), clean(name), role],
      ...[created_at, last_used_at, revoked_at].map((at) => orDash(at && minute(at))),
    ]),
  );
  return EXIT.ok;
}

/** `soar keys revoke`. Exit 1 when there is no such key, or when nobody would be left with one. */
export async function keysRevokeCommand(
  { out, env }: Session,
  nameOrId: string,
  { force }: { force?: boolean },
): Promise<ExitCode> {
  const answer = await withDatabase(env, 'The key cannot be revoked', ({ apiKeys }) =>
    apiKeys.revoke(nameOrId, actor(), { force }),
  );
  switch (answer.outcome) {
    case 'unknown':
      throw new CliError(`There is no key ${clean(nameOrId)}.`, '`soar keys list` shows them.');
    case 'ambiguous':
      throw new CliError(`Several keys are called ${clean(nameOrId)}.`, 'Name the id that `soar keys list` shows.');
    case 'last':
      throw new CliError(
        `${labelOf(answer.key)} is the last key that is left: without it nobody can call the API.`,
        'Make another one first (soar keys add), or add --force.',
      );
    case 'already':
    case 'revoked':
      if (out.json) out.data({ ...answer.key, already: answer.outcome === 'already' });
      else out.line(revokedLine(answer.outcome, answer.key));
      return EXIT.ok;
  }
}

function revokedLine(outcome: 'already' | 'revoked', key: KeyView): string {
  if (outcome === 'already') return `${labelOf(key)} was revoked before, at ${shortTime(key.revoked_at ?? '')} UTC.`;
  return `${labelOf(key)} is revoked; every API process refuses it within ten seconds.`;
}

function labelOf({ id, name }: KeyView): string {
  return `Key ${clean(name)} (id ${id})`;
}

/** Who does it, for the audit: as the operating system says, which need not have a name for everybody. */
function actor(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    return `cli:uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
