import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import { pageStyle } from '../../activities/report/page-style';
import type { Evaluation } from '../result';
import { pageOf, type Page } from './model';

/** The result of an evaluation as one self-contained HTML page: no script, nothing to load. Pure: same input, same bytes. */
export function renderPage(evaluation: Evaluation): string {
  const { style, styleHash } = pageStyle(join(__dirname, 'page.css'));
  return compiledTemplate(style)({ ...pageOf(evaluation), styleHash });
}

/** Compiled when it is wanted: most evaluations are read on a terminal. */
function compiledTemplate(style: string): (page: Page & { styleHash: string }) => string {
  const engine = Handlebars.create();
  engine.registerPartial('style', style);
  for (const name of ['verdict', 'case', 'heat']) engine.registerPartial(name, part(name));
  // Strict: a name that the page does not have is an error, not an empty place.
  return engine.compile(part('page'), { strict: true, knownHelpersOnly: true });
}

function part(name: string): string {
  return readFileSync(join(__dirname, `${name}.hbs`), 'utf8');
}
