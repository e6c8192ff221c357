import { classify, filedAs } from '../../domain/classify';
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

/** `soar parse`: what the suite makes of the files, without a server. Exit 1 when one of them is not understood. */
export async function parseCommand(session: Session, paths: string[]): Promise<ExitCode> {
  const files = await findFiles(paths);
  const { out } = session;
  let refused = 0;
  for (const file of files) {
    for (const result of await parseFile(file)) {
      if ('error' in result) refused++;
      if (out.json) out.data('error' in result ? result : { file, format: result.format, alert: result.alert });
      else show(session, result);
    }
  }
  return refused > 0 ? EXIT.failure : EXIT.ok;
}

async function parseFile(file: string): Promise<(Parsed | Refused)[]> {
  let documents: AlertDocument[];
  try {
    documents = await readDocuments(file);
  } catch (error) {
    return [{ file, error: messageOf(error) }];
  }
  return (await Promise.all(documents.map((document) => parseDocument(file, document)))).flat();
}

async function parseDocument(file: string, { body, contentType }: AlertDocument): Promise<(Parsed | Refused)[]> {
  try {
    const isJson = contentType === 'application/json';
    const text = new TextDecoder('utf-8', { fatal: isJson }).decode(body);
    const parsed = isJson ? (JSON.parse(text) as unknown) : await openMail(text, contentType);
    const receivedAt = new Date().toISOString();
    return parseSubmission({ body: parsed, receivedAt }).map((each) => resolved(file, each));
  } catch (error) {
    if (!(error instanceof InvalidAlertError)) return [{ file, error: messageOf(error) }];
    const fields = error.errors.map(({ pointer, detail }) => `${pointer} ${detail}`);
    return [{ file, error: fields.length > 0 ? fields.join('; ') : error.message }];
  }
}

/** The alert as it would be filed: type found where the source gave none, severity medium where nothing tells. */
function resolved(file: string, { format, alert, eventClasses, origins = {}, leftOver = [] }: ParsedAlert): Parsed {
  const classification = classify(alert, { format, eventClasses });
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
