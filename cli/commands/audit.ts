import { withDatabase } from '../database';
import { EXIT, type ExitCode } from '../errors';
import type { Session } from '../session';
import { clean } from '../text';

/** `soar audit verify`: reads the database itself, since an API could be made to lie. Exit 1 when something is wrong. */
export async function auditVerifyCommand({ out, env }: Session, id: string | undefined): Promise<ExitCode> {
  const progress = (rows: number): void => {
    if (out.live) process.stderr.write(`\r${rows} rows read`);
  };
  const chain = id === 'system' ? id : id?.toUpperCase();
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
