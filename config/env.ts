import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';

/** Thrown with every unusable variable named at once. */
export class InvalidEnvironmentError extends Error {
  constructor(readonly problems: string[]) {
    super(`The environment is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'InvalidEnvironmentError';
  }
}

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** `15m`, `2h`, `90s`, `1d` or `0`, as milliseconds. */
const duration = z
  .string()
  .regex(/^(0|\d+(?:\.\d+)?[smhd])$/, 'is not a duration such as 15m, 2h or 0')
  .transform((text) => (text === '0' ? 0 : Number.parseFloat(text) * 1000 * SECONDS[text.slice(-1) as 's']));
const port = z
  .string()
  .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, 'is not a number from 0 to 65535')
  .transform(Number);
const url = z
  .url({ protocol: /^https?$/, error: 'is not an http(s) URL' })
  .transform((text) => text.replace(/\/+$/, ''));
const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `is not one of ${values.join(', ')}` });
const flag = oneOf(['0', '1']).transform((text) => text === '1');

const schema = z.object({
  PORT: port.default(8080),
  HOST: z.string().default('127.0.0.1'),
  PUBLIC_URL: url.optional(),
  DATABASE_URL: z.url({ protocol: /^mysql$/, error: 'is not a mysql:// URL' }),
  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_UI_URL: url.optional(),
  VIRUSTOTAL_API_KEY: z.string().optional(),
  VIRUSTOTAL_URL: url.default('https://www.virustotal.com'),
  GEOIP_URL: url.default('http://ip-api.com'),
  PROVIDER_RETRY_FOR: duration.default(15 * 60_000),
  SOAR_SITE_FILE: z.string().optional(),
  SOAR_HOME: z.string().default('.soar'),
  SOAR_SIMULATED: flag.default(false),
  WORKER_HEALTH_PORT: port.optional(),
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
});

/** The environment as the processes read it, once, at their start. */
export interface Env {
  port: number;
  host: string;
  /** Where people reach the API; links in answers and reports start with it. */
  publicUrl: string;
  databaseUrl: string;
  temporalAddress: string;
  temporalNamespace: string;
  /** Base URL of the Temporal Web UI; links to runs are given only when it is known. */
  temporalUiUrl: string | undefined;
  virustotal: { apiKey: string | undefined; url: string };
  geoip: { url: string };
  /** How long a provider that does not answer is retried before its lookup is recorded as failed, ms. */
  providerRetryForMs: number;
  siteFile: string | undefined;
  soarHome: string;
  /** Provider answers come from the simulator; audit rows and reports say so. */
  simulated: boolean;
  /** Port of the worker's health endpoint; absent = none. */
  workerHealthPort: number | undefined;
  logLevel: string;
}

/**
 * Reads the process environment, after `.env` where there is one (variables already set win).
 * @throws InvalidEnvironmentError naming every variable that is missing or malformed
 */
export function loadEnv(): Env {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return parseEnv(process.env);
}

/** The pure part of {@link loadEnv}: an empty variable counts as not set. */
export function parseEnv(variables: Record<string, string | undefined>): Env {
  const given = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    throw new InvalidEnvironmentError(
      parsed.error.issues.map(({ path, message }) => {
        const name = path.join('.');
        return `${name} ${name in given ? message : 'is required'}`;
      }),
    );
  }
  const env = parsed.data;
  return {
    port: env.PORT,
    host: env.HOST,
    publicUrl: env.PUBLIC_URL ?? `http://${env.HOST}:${env.PORT}`,
    databaseUrl: env.DATABASE_URL,
    temporalAddress: env.TEMPORAL_ADDRESS,
    temporalNamespace: env.TEMPORAL_NAMESPACE,
    temporalUiUrl: env.TEMPORAL_UI_URL,
    virustotal: { apiKey: env.VIRUSTOTAL_API_KEY, url: env.VIRUSTOTAL_URL },
    geoip: { url: env.GEOIP_URL },
    providerRetryForMs: env.PROVIDER_RETRY_FOR,
    siteFile: env.SOAR_SITE_FILE,
    soarHome: resolve(env.SOAR_HOME),
    simulated: env.SOAR_SIMULATED,
    workerHealthPort: env.WORKER_HEALTH_PORT,
    logLevel: env.LOG_LEVEL,
  };
}
