import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import { registerReportHelpers } from './helpers';
import type { ReportInput } from './input';
import { jsonReport } from './json';
import { pageOf, type Page } from './model';
import { pageStyle } from './page-style';

export type { ReportInput } from './input';

const { style, styleHash } = pageStyle(join(__dirname, 'report.css'));
const template = compiledTemplate();

/**
 * The report of one scoring round, for people (one self-contained HTML page: no script, nothing to load) and for
 * programs (JSON). Pure: the same input gives the same bytes.
 */
export function renderReport(input: ReportInput): { html: string; json: string } {
  return {
    html: template({ ...pageOf(input), styleHash }),
    json: `${JSON.stringify(jsonReport(input), null, 2)}\n`,
  };
}

function compiledTemplate(): (page: Page & { styleHash: string }) => string {
  const engine = Handlebars.create();
  registerReportHelpers(engine);
  engine.registerPartial('style', style);
  const text = readFileSync(join(__dirname, 'report.hbs'), 'utf8');
  // Strict: a name that the page does not have is an error, not an empty place.
  return engine.compile(text, {
    strict: true,
    knownHelpersOnly: true,
    knownHelpers: { clock: true, number: true, list: true },
  });
}
