import { InvalidSiteFileError, policyOf, readSiteFile } from '../config/site';
import { DEFAULT_POLICY } from '../domain/policy';
import type { Check } from './doctor';

/** Whether the site file can be used: one that has become unusable stays unnoticed, since the last good one is kept. */
export function checkSite(file: string | undefined): Check {
  const found = (ok: boolean, detail: string, fix: string | null = null): Check => ({
    name: 'Site file',
    ok,
    detail,
    fix,
  });
  if (!file) return found(true, 'none (SOAR_SITE_FILE): the defaults are in force');
  try {
    const { policy } = readSiteFile(file);
    policyOf(DEFAULT_POLICY, policy, file, false);
    return found(true, `${file} is usable`);
  } catch (error) {
    if (!(error instanceof InvalidSiteFileError)) throw error;
    return found(
      false,
      `${file}: ${error.problems.join('; ')}`,
      'mend it: soar site check; until then the last good version holds',
    );
  }
}
