import { pino, type Logger } from 'pino';

export type { Logger };

/** Of an error only what it says: drivers hang statements with all their values on theirs. */
function plainError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, code } = error as NodeJS.ErrnoException;
  return { type: name, message: message.slice(0, 1000), code, stack: stack?.slice(0, 4000) };
}

/** JSON lines on standard output, one event each; keys of providers and callers never appear. */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    serializers: { err: plainError },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ['*.authorization', '*.apiKey', '*["x-api-key"]', '*["x-apikey"]', '*.databaseUrl'],
  });
}
