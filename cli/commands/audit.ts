import { auditLines } from '../audit-view';
import { withDatabase } from '../database';
import { CliError, EXIT, type ExitCode } from '../errors';
import type { Session } from '../session';
import { clean } from '../text';

/** `soar audit verify`: reads the database itself, since an API could be made to lie. Exit 1 when something is wrong. */
export async function auditVerifyCommand({ out, env }: Session, id: string | undefined): Promise<ExitCode> {
  const progress = (rows: number): void => {
    if (out.live) process.stderr.write(`\r${rows} rows read`);
  };
  const chain = id && chainOf(id);
  const result = await withDatabase(env, 'The audit trail cannot be read', ({ audit }) =>
    audit.verify(chain, progress),
  );
  if (out.live) process.stderr.write('\r\u001b[K');
  if (out.json) out.data(result);
  else {
    const counted = `${result.rows} audit rows in ${result.chains} chains`;
    for (const { chain: name, seq, problem } of result.problems) {
      out.line(out.colours.red(`✗ ${clean(name)}${seq === null ? '' : ` row ${seq}`}: ${clean(problem)}`));
    }
    if (result.problems.length === 0) out.line(`${out.colours.green('✓')} ${counted}: no change, gap or cut tail.`);
    else out.line(`${counted}: ${result.problems.length} problems.`);
  }
  return result.problems.length > 0 ? EXIT.failure : EXIT.ok;
}

export interface AuditShowOptions {
  limit: number;
  /** The row before the first that is shown. */
  after?: number;
}

/** `soar audit show`: reads the database itself, as verifying does. The last rows, or those that follow one. */
export async function auditShowCommand(
  { out, env }: Session,
  id: string,
  { limit, after }: AuditShowOptions,
): Promise<ExitCode> {
  const chain = chainOf(id);
  const rows = await withDatabase(env, 'The audit trail cannot be read', ({ audit }) =>
    audit.read(chain, { after, limit }),
  );
  if (!rows) throw new CliError(`There is no audit chain ${clean(chain)}.`, 'It is system, or the id of an incident.');
  if (out.json) {
    out.data({ chain, items: rows });
    return EXIT.ok;
  }
  auditLines(out, rows, { who: true }).forEach((line) => out.line(line));
  if (rows.length === 0) out.line(`Nothing follows row ${after ?? 0}.`);
  const [first] = rows;
  const last = rows.at(-1);
  if (after === undefined && first && first.seq > 1) out.note(`From the beginning: add --after 0`);
  if (after !== undefined && last && rows.length === limit) out.note(`More: add --after ${last.seq}`);
  return EXIT.ok;
}

/** Incidents are named in capitals. */
function chainOf(id: string): string {
  return id === 'system' ? id : id.toUpperCase();
}
