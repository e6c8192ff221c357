import type Handlebars from 'handlebars';
import { clock, grouped } from './show';

/** The few things the template does itself. All return plain strings, which Handlebars escapes. */
export function registerReportHelpers(engine: typeof Handlebars): void {
  engine.registerHelper('clock', (instant: unknown) => (typeof instant === 'string' ? clock(instant) : '–'));
  engine.registerHelper('number', (value: unknown) => (typeof value === 'number' ? grouped(value) : '–'));
  engine.registerHelper('list', (values: unknown) =>
    Array.isArray(values) && values.length > 0 ? values.join(', ') : '–',
  );
}
