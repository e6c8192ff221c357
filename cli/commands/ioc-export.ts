import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { extname } from 'node:path';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { CliError, EXIT, UsageError, messageOf, type ExitCode } from '../errors';
import { interruptible } from '../interrupt';
import type { Session } from '../session';
import { counted } from '../text';
import { givenFilters, IOC_FILTERS } from './filters';

export interface ExportOptions extends Record<string, unknown> {
  format?: string;
  output?: string;
  includeExpired?: true;
  includeFlagged?: true;
}

const BY_SUFFIX: Readonly<Record<string, string>> = { '.csv': 'csv', '.json': 'stix', '.txt': 'plain' };

/**
 * `soar ioc export`: to a file, which is there only when it is whole, or to standard output, where exit 1 says that it is
 * not.
 */
export async function iocExportCommand(session: Session, options: ExportOptions): Promise<ExitCode> {
  const { output, includeExpired, includeFlagged } = options;
  const format = options.format ?? BY_SUFFIX[extname(output ?? '').toLowerCase()];
  if (format === undefined) throw new UsageError('In which format?', 'Add --format csv, stix or plain.');
  const query = {
    format,
    ...givenFilters(options, IOC_FILTERS),
    ...(includeExpired && { include_expired: 'true' }),
    ...(includeFlagged && { include_flagged: 'true' }),
  };
  if (format === 'plain' && !('type' in query)) {
    throw new UsageError('A plain list is of one type.', 'Add --type ip, domain, url …');
  }
  const client = await session.client();
  const { out } = session;
  return interruptible(async (signal) => {
    const text = await client.iocs.export(query, signal);
    try {
      if (output === undefined) {
        await toStdout(text);
      } else {
        const bytes = await toFile(output, text);
        if (out.json) out.data({ file: output, bytes });
        else out.note(`${output}: ${counted(bytes)} bytes`);
      }
    } catch (error) {
      signal.throwIfAborted();
      const where = output === undefined ? 'What was written is not all of it.' : `${output} was not written.`;
      throw new CliError(`The export broke off (${messageOf(error)}).`, where);
    }
    return EXIT.ok;
  });
}

async function toStdout(text: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of text) {
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
  }
}

/** @returns how many bytes it has */
async function toFile(path: string, text: AsyncIterable<Uint8Array>): Promise<number> {
  const part = `${path}.part`;
  const file = createWriteStream(part);
  try {
    await pipeline(text, file);
    await rename(part, path);
    return file.bytesWritten;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
