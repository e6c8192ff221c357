import { pino, type Logger } from 'pino';

export type { Logger };

/** JSON lines on standard output, one event each; keys of providers and callers never appear. */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ['*.authorization', '*.apiKey', '*["x-api-key"]', '*["x-apikey"]', '*.databaseUrl'],
  });
}
