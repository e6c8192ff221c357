import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { PROJECT_ROOT } from '../config/home';

/** How soon somebody has to take up what is not urgent, so that a visitor sees what happens when nobody does. */
const SHORT = '10s';

/**
 * Writes the site file of the demo: the made-up company of the samples, which is in a hurry.
 * @returns its path
 */
export function writeDemoSite(file: string): string {
  const site = parseDocument(readFileSync(join(PROJECT_ROOT, 'samples', 'site.demo.yaml'), 'utf8'));
  site.setIn(['sla', 'low', 'acknowledge'], SHORT);
  writeFileSync(file, site.toString());
  return file;
}
