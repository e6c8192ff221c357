import type { OpenStack } from './open';
import { canInstall, findProgram, installPackage } from './programs';
import type { Report } from './progress';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * A browser for the tests that look at pages: `CHROMIUM_PATH`, else one on the PATH, else, as root on Debian, the
 * package `chromium`. Undefined where none can be had; those tests are then skipped and say so.
 */
export async function findChromium(stack: OpenStack, report: Report): Promise<string | undefined> {
  const found = stack.env.chromium ?? findProgram(NAMES, stack.env.searchPath);
  if (found !== undefined || !canInstall()) {
    report(found ?? 'none here: set CHROMIUM_PATH to run the browser tests');
    return found;
  }
  await installPackage(stack, 'chromium', report);
  return findProgram(NAMES, stack.env.searchPath);
}
