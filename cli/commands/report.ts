import { writeFile } from 'node:fs/promises';
import type { ReportFormat } from '../client';
import { CliError, EXIT, messageOf, UsageError, type ExitCode } from '../errors';
import type { Session } from '../session';

export interface ReportOptions {
  /** Default `md`; with `--json`, `json`. */
  format?: ReportFormat;
  version?: number;
  /** File to write it into; default: standard output. */
  output?: string;
}

/** `soar report`: the report as the API gives it. */
export async function reportCommand(session: Session, id: string, options: ReportOptions): Promise<ExitCode> {
  const { out } = session;
  const { version, output, format = out.json ? 'json' : 'md' } = options;
  if (out.json && output === undefined && format !== 'json') {
    throw new UsageError(`--json is --format json, not ${format}.`, 'With --output FILE it says what was written.');
  }
  const client = await session.client();
  const text = await client.report(id.toUpperCase(), { format, version });
  if (output === undefined) {
    if (format === 'json') out.data(JSON.parse(text));
    else out.line(text.replace(/\n$/, ''));
    return EXIT.ok;
  }
  await write(output, text);
  if (out.json) out.data({ file: output, format });
  else out.note(`Written to ${output}.`);
  return EXIT.ok;
}

/** @throws CliError */
async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new CliError(`The report cannot be written (${messageOf(error)}).`);
  }
}
