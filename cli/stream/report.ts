import { closeSync, openSync, writeSync } from 'node:fs';
import { CliError, messageOf } from '../errors';
import type { Sent } from './send';

/** Where every alert that failed is written down: one JSON line `{file, line, error}` each. */
export interface ErrorReport {
  add(sent: readonly Sent[]): void;
  close(): void;
}

/** @throws CliError when the file cannot be written */
export function openErrorReport(path: string, { append }: { append: boolean }): ErrorReport {
  let file: number;
  try {
    file = openSync(path, append ? 'a' : 'w');
  } catch (error) {
    throw new CliError(`The report cannot be written to ${path} (${messageOf(error)}).`);
  }
  return {
    add(sent) {
      const lines = sent.flatMap(({ item, failure }) =>
        failure === undefined ? [] : [`${JSON.stringify({ file: item.file, line: item.line, error: failure })}\n`],
      );
      if (lines.length > 0) writeSync(file, lines.join(''));
    },
    close: () => closeSync(file),
  };
}
