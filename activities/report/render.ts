import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import { registerReportHelpers } from './helpers';
import type { ReportInput } from './input';
import { jsonReport } from './json';
import { markdownOf } from './markdown';
import { pageOf, type Page } from './model';
import { pageStyle } from './page-style';
import { shorterViews } from './shorter-views';

export type { ReportInput } from './input';

const { style, styleHash } = pageStyle(join(__dirname, 'report.css'));
const template = compiledTemplate();

/**
 * The report of an incident, for people (one self-contained HTML page: no script, nothing to load), for programs (JSON)
 * and for tickets (Markdown). Pure: the same input gives the same bytes.
 */
export function renderReport(input: ReportInput): Rendered {
  let rendered = render(input);
  for (const view of shorterViews(input.view)) {
    if (isStorable(rendered)) break;
    rendered = render({ ...input, view });
  }
  return rendered;
}

interface Rendered {
  html: string;
  json: string;
  markdown: string;
}

/** Of page and JSON; the third is short. They are stored by one statement, in which half of their characters may be escaped. */
const MOST_BYTES = 3 * 1024 * 1024;

function isStorable({ html, json }: Rendered): boolean {
  return Buffer.byteLength(html) <= MOST_BYTES && Buffer.byteLength(json) <= MOST_BYTES;
}

function render(input: ReportInput): Rendered {
  const page = pageOf(input);
  return {
    html: template({ ...page, styleHash }),
    markdown: markdownOf(page),
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
