import { diagnose } from '../../stack/doctor';
import { findHome } from '../connection';
import { EXIT, type ExitCode } from '../errors';
import type { Session } from '../session';
import { renderList } from '../table';
import { clean } from '../text';

/** `soar doctor`: every part, and how to mend it. Exit 1 when one is not well. */
export async function doctorCommand({ out, env }: Session): Promise<ExitCode> {
  const home = await findHome(env);
  const checks = await diagnose({ home, variables: env.variables });
  const ok = checks.every((check) => check.ok);
  if (out.json) {
    out.data({ ok, home, checks });
    return ok ? EXIT.ok : EXIT.failure;
  }
  out.line(out.colours.dim(`State in ${home}`));
  const rows = checks.flatMap((check) => {
    const found = [check.ok ? '✓' : '✗', check.name, clean(check.detail)];
    return check.ok || check.fix === null ? [found] : [found, ['', '', `→ ${check.fix}`]];
  });
  const mark = (text: string): string => (text.includes('✗') ? out.colours.red(text) : out.colours.green(text));
  for (const line of renderList(rows, { width: out.width, indent: 0, paints: [mark] })) out.line(line);
  return ok ? EXIT.ok : EXIT.failure;
}
