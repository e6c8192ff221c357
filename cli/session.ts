import { buffer } from 'node:stream/consumers';
import type { CliEnv } from '../config/cli';
import type { SoarClient } from './client';
import { connectApi } from './connection';
import { UsageError } from './errors';
import type { Output } from './output';

/** What every command gets. */
export interface Session {
  out: Output;
  env: CliEnv;
  /** @throws CliError when no API is up */
  client(): Promise<SoarClient>;
  /** All of standard input. @throws UsageError when it is a terminal */
  readStdin(): Promise<Buffer>;
  /** Standard input, piece by piece. @throws UsageError when it is a terminal */
  stdin(): AsyncIterable<Buffer>;
}

export function createSession(env: CliEnv, out: Output, stdin: NodeJS.ReadStream): Session {
  function piped(): AsyncIterable<Buffer> {
    if (stdin.isTTY) throw new UsageError('- means standard input, and nothing is piped into it.');
    return stdin;
  }

  return {
    out,
    env,
    client: () => connectApi(env),
    readStdin: async () => buffer(piped()),
    stdin: piped,
  };
}
