import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../config/home';
import { createSiteSources } from '../../config/site';
import type { SiteSource } from '../../config/site';
import type { AlertType } from '../../domain/alert';
import { DEFAULT_POLICY } from '../../domain/policy';
import type { Verdict } from '../../domain/verdict';

const ALERTS = join(PROJECT_ROOT, 'samples', 'alerts');

export interface Sample {
  /** Path under `samples/alerts`. */
  name: string;
  body: Record<string, unknown>;
  type: AlertType;
  verdict: Verdict;
}

/** Every sample alert with the verdict it is to get. */
export function allSamples(): Sample[] {
  const expected = readJson('expected.json') as Record<string, Pick<Sample, 'type' | 'verdict'>>;
  return Object.entries(expected).map(([name, { type, verdict }]) => ({
    name,
    body: readJson(name) as Sample['body'],
    type,
    verdict,
  }));
}

/** Name of the sample that begins so: `brute_force/01`. */
export function sampleName(beginning: string): string {
  const name = allSamples().find((one) => one.name.startsWith(beginning))?.name;
  if (!name) throw new Error(`No sample ${beginning}…`);
  return name;
}

/** Escalates: malicious source, privileged account. */
export const MALICIOUS = 'brute_force/01';
/** Closes itself: one clean source. */
export const BENIGN = 'brute_force/04';

let count = 0;

/** The sample that begins so, as another alert of its own. */
export function freshAlert(beginning = MALICIOUS, changes: Record<string, unknown> = {}): Record<string, unknown> {
  count += 1;
  const body = readJson(sampleName(beginning)) as Record<string, unknown>;
  return { ...body, alert_id: `test-${count}`, ...changes };
}

/** The site knowledge that the samples' verdicts rest on. */
export function demoSite(): SiteSource {
  return createSiteSources(join(PROJECT_ROOT, 'samples', 'site.demo.yaml'), { base: DEFAULT_POLICY }).site;
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(join(ALERTS, name), 'utf8'));
}
