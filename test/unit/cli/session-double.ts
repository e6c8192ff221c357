import { createClient, type SoarClient } from '../../../cli/client';
import type { Output } from '../../../cli/output';
import type { Session } from '../../../cli/session';
import { renderTable } from '../../../cli/table';
import { parseCliEnv } from '../../../config/cli';

interface SessionDouble {
  session: Session;
  /** What stands on standard output, line by line. */
  lines: string[];
  /** What was written as data. */
  data: unknown[];
}

const plain = (text: string): string => text;

/** A session that asks the API at `url` and keeps what a command writes, without colours. */
export function sessionWith(url: string, { json = false }: { json?: boolean } = {}): SessionDouble {
  const lines: string[] = [];
  const data: unknown[] = [];
  const out: Output = {
    json,
    live: false,
    width: 100,
    colours: { bold: plain, dim: plain, red: plain, green: plain, yellow: plain, cyan: plain, magenta: plain },
    line: (text = '') => void lines.push(text),
    data: (value) => void data.push(value),
    note: () => {},
    table: (columns, rows) => void lines.push(...renderTable(columns, rows, 100).split('\n')),
  };
  const client = (): Promise<SoarClient> => Promise.resolve(createClient({ url, apiKey: 'k', retries: 1 }));
  const readStdin = () => Promise.resolve(Buffer.alloc(0));
  return { session: { out, env: parseCliEnv({}), client, readStdin }, lines, data };
}
