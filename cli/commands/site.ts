import { stringify } from 'yaml';
import { InvalidSiteFileError, policyOf, readSiteFile } from '../../config/site';
import { DEFAULT_POLICY } from '../../domain/policy';
import { EXIT, UsageError, type ExitCode } from '../errors';
import type { Session } from '../session';
import { clean } from '../text';

/** `soar site check`: whether a site file can be used, and what it comes to. Needs no server. Exit 1 when it cannot. */
export function siteCheckCommand({ out }: Session, file: string | undefined): ExitCode {
  if (file === undefined) {
    throw new UsageError('There is no site file to check.', 'Name one, or set SOAR_SITE_FILE.');
  }
  try {
    const { site, policy: changes } = readSiteFile(file);
    const policy = policyOf(DEFAULT_POLICY, changes, file, false);
    if (out.json) {
      out.data({ file, usable: true, site, policy });
      return EXIT.ok;
    }
    out.line(`${out.colours.green('✓')} ${clean(file)} is usable. What is in force with it (sla in minutes):`);
    stringify({ ...site, policy: changes })
      .trimEnd()
      .split('\n')
      .forEach((line) => out.line(`  ${clean(line)}`));
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof InvalidSiteFileError)) throw error;
    if (out.json) out.data({ file, usable: false, problems: error.problems });
    else
      error.message
        .split('\n')
        .forEach((line, index) => out.line(index === 0 ? out.colours.red(clean(line)) : `  ${clean(line.trim())}`));
    return EXIT.failure;
  }
}
