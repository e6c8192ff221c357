import { readSiteFile } from '../../config/site';
import type { ClassificationRule } from '../../domain/classification/rule';
import { classify, filedAs } from '../../domain/classify';
import { mapPool } from '../../domain/map-pool';
import { InvalidAlertError, parseSubmission, type ParsedAlert } from '../../domain/formats';
import { openMail } from '../../domain/formats/mail';
import type { Classification } from '../../domain/alert';
import { EXIT, messageOf, type ExitCode } from '../errors';
import { findFiles, readDocuments, type AlertDocument } from '../read-alerts';
import type { Session } from '../session';
import { renderList } from '../table';
import { clean } from '../text';

interface Parsed {
  file: string;
  format: string;
  alert: object;
  /** For people only: how the type was found, and what was read from where. */
  classification: Classification;
  origins: NonNullable<ParsedAlert['origins']>;
  leftOver: readonly string[];
}
interface Refused {
  file: string;
  error: string;
}

export interface ParseOptions {
  /** Name of the format they are written in; default: found by their shape. */
  format?: string | undefined;
}

/** How documents are read: in what format, and by which rows of the site's own the type is found. */
interface Reading extends ParseOptions {
  siteRules: readonly ClassificationRule[];
}

/** `soar parse`: what the suite makes of the files, without a server. Exit 1 when one of them is not understood. */
export async function parseCommand(session: Session, paths: string[], options: ParseOptions = {}): Promise<ExitCode> {
  const { out } = session;
  const siteFile = session.env.variables.SOAR_SITE_FILE;
  const reading = { ...options, siteRules: siteFile ? readSiteFile(siteFile).site.classification : [] };
  let refused = 0;
  for (const path of paths) {
    for (const result of await parsePath(path, reading)) {
      if ('error' in result) refused++;
      if (out.json)
        out.data('error' in result ? result : { file: result.file, format: result.format, alert: result.alert });
      else show(session, result);
    }
  }
  return refused > 0 ? EXIT.failure : EXIT.ok;
}

async function parsePath(path: string, reading: Reading): Promise<(Parsed | Refused)[]> {
  try {
    const files = await findFiles([path]);
    if (files.length === 0) return [{ file: path, error: 'holds no JSON or NDJSON; name other files outright' }];
    return (await mapPool(files, 1, (file) => parseFile(file, reading))).flat();
  } catch (error) {
    return [{ file: path, error: messageOf(error) }];
  }
}

async function parseFile(file: string, reading: Reading): Promise<(Parsed | Refused)[]> {
  let documents: AlertDocument[];
  try {
    documents = await readDocuments(file);
  } catch (error) {
    return [{ file, error: messageOf(error) }];
  }
  return (await Promise.all(documents.map((document) => parseDocument(file, document, reading)))).flat();
}

async function parseDocument(
  file: string,
  { body, contentType }: AlertDocument,
  { format, siteRules }: Reading,
): Promise<(Parsed | Refused)[]> {
  try {
    const isJson = contentType === 'application/json';
    const text = new TextDecoder('utf-8', { fatal: isJson }).decode(body);
    const parsed = isJson ? (JSON.parse(text) as unknown) : await openMail(text, contentType);
    const receivedAt = new Date().toISOString();
    return parseSubmission({ body: parsed, format, receivedAt }).map((each) => resolved(file, each, siteRules));
  } catch (error) {
    if (!(error instanceof InvalidAlertError)) return [{ file, error: messageOf(error) }];
    const fields = error.errors.map(({ pointer, detail }) => `${pointer} ${detail}`.trim());
    return [{ file, error: fields.length > 0 ? fields.join('; ') : error.message }];
  }
}

/** The alert as it would be filed: type found where the source gave none, severity medium where nothing tells. */
function resolved(
  file: string,
  { format, alert, eventClasses, origins = {}, leftOver = [] }: ParsedAlert,
  siteRules: readonly ClassificationRule[],
): Parsed {
  const classification = classify(alert, { format, eventClasses }, siteRules);
  return {
    file,
    format,
    alert: filedAs(alert, classification.alert_type),
    classification,
    origins,
    leftOver,
  };
}

const MOST_LEFT_SHOWN = 12;

/** Where a field was read from, as dim as it is unimportant to most. */
function originOf({ origins }: Parsed, name: string): string {
  const pointers = Object.entries(origins).find(([field]) => field === name)?.[1] ?? [];
  return pointers
    .filter((pointer) => pointer !== '')
    .slice(0, 3)
    .join(' ');
}

function show({ out }: Session, result: Parsed | Refused): void {
  if ('error' in result) {
    out.line(`${out.colours.red('✗')} ${clean(result.file)}: ${clean(result.error)}`);
    return;
  }
  out.line(`${out.colours.green('✓')} ${clean(result.file)} ${out.colours.dim(`(${result.format})`)}`);
  const rows = Object.entries(result.alert).map(([name, value]) => [
    name,
    clean(originOf(result, name)),
    clean(Array.isArray(value) ? value.join(', ') : String(value)),
  ]);
  const { confidence, reasons } = result.classification;
  if (confidence < 1) rows.push(['(type found)', '', `confidence ${confidence}: ${reasons.map(clean).join('; ')}`]);
  const left = result.leftOver.slice(0, MOST_LEFT_SHOWN).map(clean);
  const more = result.leftOver.length - left.length;
  if (left.length > 0) rows.push(['(left over)', '', `${left.join(' ')}${more > 0 ? ` and ${more} more` : ''}`]);
  for (const line of renderList(rows, { width: out.width, paints: [out.colours.dim, out.colours.dim] })) {
    out.line(line);
  }
}
