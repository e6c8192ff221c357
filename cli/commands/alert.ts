import { readFile } from 'node:fs/promises';
import { alertFromFlags } from '../alert-fields';
import type { BatchAnswer, SubmissionAnswer } from '../client';
import { CliError, EXIT, messageOf, UsageError, type ExitCode } from '../errors';
import { followToVerdict } from '../follow';
import type { Output } from '../output';
import { splitDocuments, type AlertDocument } from '../read-alerts';
import { showOutcome, showStep } from '../run-view';
import type { Session } from '../session';
import { clean, wrap } from '../text';

export interface AlertOptions extends Record<string, unknown> {
  wait?: boolean;
  /** Seconds. */
  timeout: number;
}

/** `soar alert`: one alert from flags, a file or standard input. */
export async function alertCommand(
  session: Session,
  file: string | undefined,
  options: AlertOptions,
): Promise<ExitCode> {
  const document = await documentOf(session, file, alertFromFlags(options));
  const client = await session.client();
  const answer = await client.submitDocument(document);
  const { out } = session;
  if ('results' in answer) return showSeveral(out, answer);
  if (!options.wait) {
    if (out.json) out.data(answer);
    else showAnswer(out, answer);
    return EXIT.ok;
  }
  if (!out.json) showAnswer(out, answer);
  const incident = await followToVerdict({
    client,
    incidentId: answer.incident_id,
    timeoutMs: options.timeout * 1000,
    onStep: (row) => {
      if (!out.json) showStep(out, row);
    },
  });
  if (out.json) out.data(incident);
  else {
    showOutcome(out, incident);
    showLinks(out, incident.links);
  }
  return EXIT.ok;
}

async function documentOf(
  session: Session,
  file: string | undefined,
  alert: object | undefined,
): Promise<AlertDocument> {
  if (file !== undefined && alert) throw new UsageError('Give either a file or the fields as flags, not both.');
  if (alert) return { name: 'flags', body: Buffer.from(JSON.stringify(alert)), contentType: 'application/json' };
  if (file === undefined) {
    const example =
      'soar alert --source firewall --type brute_force --severity high --src-ip 185.220.101.1 --username administrator';
    throw new UsageError('Nothing to submit.', `Give fields, a file, or - for standard input, e.g. ${example}`);
  }
  const bytes = file === '-' ? await session.readStdin() : await readBytes(file);
  const [document, ...more] = splitDocuments(file === '-' ? 'stdin' : file, bytes);
  if (!document) throw new CliError(`${file} holds no alert.`);
  if (more.length > 0) throw new UsageError(`${file} holds ${more.length + 1} alerts.`, `Use \`soar bulk ${file}\`.`);
  return document;
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new CliError(`${file} cannot be read (${messageOf(error)}).`);
  }
}

function showAnswer(out: Output, answer: SubmissionAnswer): void {
  const { bold, dim } = out.colours;
  const again = answer.duplicate ? dim(' (already known, nothing was added)') : '';
  out.line(
    `${bold(answer.incident_id)} ${clean(answer.alert_type)} · ${clean(answer.severity)} · ${answer.status}${again}`,
  );
  if (answer.suppressed_by) out.line(dim(`Closed as it came: known (${answer.suppressed_by})`));
  const { confidence, reasons } = answer.classification;
  if (confidence < 1) {
    const text = `Filed under ${answer.alert_type} with confidence ${confidence}: ${reasons.map(clean).join('; ')}`;
    for (const line of wrap(text, out.width)) out.line(dim(line));
  }
}

/** One document may hold several alerts; `--wait` follows one. */
function showSeveral(out: Output, answer: BatchAnswer): ExitCode {
  if (out.json) out.data(answer);
  else {
    for (const entry of answer.results) {
      if ('incident_id' in entry) showAnswer(out, entry);
      else if ('detail' in entry) out.line(out.colours.red(`✗ ${entry.http_status} ${clean(entry.detail)}`));
    }
    out.line(`${answer.accepted} accepted, ${answer.duplicates} known before, ${answer.failed} failed.`);
  }
  return answer.failed > 0 ? EXIT.failure : EXIT.ok;
}

/** Where else the incident can be seen. */
export function showLinks(out: Output, links: Record<string, unknown> | undefined): void {
  const rows = Object.entries(links ?? {}).flatMap(([name, link]) =>
    typeof link === 'string' ? [[name, clean(link)]] : [],
  );
  const longest = Math.max(0, ...rows.map(([name = '']) => name.length));
  rows.forEach(([name = '', link = '']) => out.line(`${out.colours.dim(name.padEnd(longest))}  ${link}`));
}
