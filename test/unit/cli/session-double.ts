import { Readable } from 'node:stream';
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
  /** What stands on standard error. */
  notes: string[];
}

interface SessionOptions {
  json?: boolean;
  apiKey?: string;
  /** State folder. */
  home?: string;
  databaseUrl?: string;
  /** Columns of the terminal. */
  width?: number;
  stdin?: Buffer[];
}

const plain = (text: string): string => text;

/** A session that asks the API at `url` and keeps what a command writes, without colours. */
export function sessionWith(
  url: string,
  { json = false, apiKey = 'k', home = '', databaseUrl = '', width = 100, stdin = [] }: SessionOptions = {},
): SessionDouble {
  const lines: string[] = [];
  const data: unknown[] = [];
  const notes: string[] = [];
  const out: Output = {
    json,
    live: false,
    width,
    colours: { bold: plain, dim: plain, red: plain, green: plain, yellow: plain, cyan: plain, magenta: plain },
    line: (text = '') => void lines.push(text),
    data: (value) => void data.push(value),
    note: (text) => void notes.push(text),
    table: (columns, rows) => void lines.push(...renderTable(columns, rows, width).split('\n')),
  };
  const client = (): Promise<SoarClient> => Promise.resolve(createClient({ url, apiKey, retries: 1 }));
  const readStdin = () => Promise.resolve(Buffer.alloc(0));
  const env = parseCliEnv({ SOAR_HOME: home, DATABASE_URL: databaseUrl });
  const session = { out, env, client, readStdin, stdin: () => Readable.from(stdin) };
  return { session, lines, data, notes };
}
