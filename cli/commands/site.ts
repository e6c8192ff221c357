import { stringify } from 'yaml';
import { InvalidSiteFileError, policyOf, readSiteFile } from '../../config/site';
import { wholeDefaultPolicy } from '../../evaluation/policies';
import { SEVERITIES } from '../../domain/severity';
import type { SiteKnowledge } from '../../domain/site';
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
    const policy = policyOf(wholeDefaultPolicy(), changes, file);
    if (out.json) {
      out.data({ file, usable: true, site, policy });
      return EXIT.ok;
    }
    out.line(`${out.colours.green('✓')} ${clean(file)} is usable. What is in force with it:`);
    stringify({ ...site, sla: written(site.sla), policy: changes })
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

/** Service levels as the file has them: `15m`, `8h`, `3d`. */
function written(sla: SiteKnowledge['sla']): Record<string, Record<string, string>> {
  return Object.fromEntries(
    SEVERITIES.map((severity) => {
      const { acknowledge, close } = sla[severity];
      return [severity, { acknowledge: duration(acknowledge), close: duration(close) }];
    }),
  );
}

/** In the largest unit that it is a whole number of. */
function duration(minutes: number): string {
  if (!Number.isInteger(minutes)) return `${Number((minutes * 60).toFixed(3))}s`;
  if (minutes % 1440 === 0) return `${minutes / 1440}d`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}
