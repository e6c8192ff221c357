import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import {
  address,
  bytes,
  duration,
  flag,
  oneOf,
  port,
  signingSecret,
  url,
  type SettingsOf,
  type Variables,
} from './fields';

/** Thrown with every unusable variable named at once. */
export class InvalidEnvironmentError extends Error {
  constructor(readonly problems: string[]) {
    super(`The environment is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'InvalidEnvironmentError';
  }
}

const VARIABLES = {
  PORT: port.default(8080),
  HOST: z.string().default('127.0.0.1'),
  PUBLIC_URL: url.optional(),
  DATABASE_URL: z.url({ protocol: /^mysql$/, error: 'is not a mysql:// URL' }),
  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_UI_URL: url.optional(),
  PROVIDER_RETRY_FOR: duration.default(15 * 60_000),
  CORRELATION_WINDOW: duration.default(2 * 3_600_000),
  IOC_IMPORT_LIMIT: bytes.default(2 ** 30),
  ESCALATION_WEBHOOK_URL: address.optional(),
  ESCALATION_WEBHOOK_SECRET: signingSecret.optional(),
  SOAR_SITE_FILE: z.string().optional(),
  SOAR_HOME: z.string().default('.soar'),
  SOAR_SIMULATED: flag.default(false),
  WORKER_HEALTH_PORT: port.optional(),
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
};

/** Make sense only together. */
const WEBHOOK = ['ESCALATION_WEBHOOK_URL', 'ESCALATION_WEBHOOK_SECRET'] as const;

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
  /** How long a provider that does not answer is retried before its lookup is recorded as failed, ms. */
  providerRetryForMs: number;
  /** How far apart, by event time, alerts of one story may be and still share an incident, ms; 0 = each has its own. */
  correlationWindowMs: number;
  /** Most bytes of a file of indicators, unpacked, whether somebody sends it or a feed has it. */
  iocImportLimit: number;
  /** Where another tool is told of escalations, and the secret that signs it; absent = nobody is told. */
  escalationWebhook: { url: string; secret: Buffer } | undefined;
  siteFile: string | undefined;
  soarHome: string;
  /** Provider answers come from the simulator; audit rows and reports say so. */
  simulated: boolean;
  /** Port of the worker's health endpoint; absent = none. */
  workerHealthPort: number | undefined;
  logLevel: string;
}

/** The environment with the settings of parts that declare variables of their own. */
export type EnvWith<V extends Variables> = Env & { settings: SettingsOf<V> };

/**
 * Reads the process environment, after `.env` where there is one (variables already set win).
 * @param own variables of the process's parts, such as its providers, beside those that all processes know
 * @throws InvalidEnvironmentError naming every variable that is missing or malformed
 */
export function loadEnv<V extends Variables = Record<never, never>>(own?: V): EnvWith<V> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return parseEnv(process.env, own);
}

/** The pure part of {@link loadEnv}: an empty variable counts as not set. */
export function parseEnv<V extends Variables = Record<never, never>>(
  variables: Record<string, string | undefined>,
  own?: V,
): EnvWith<V> {
  const given = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''),
  );
  const common = z.object(VARIABLES).safeParse(given);
  const settings = z.object(own ?? {}).safeParse(given);
  const issues = [common, settings].flatMap((parsed) => parsed.error?.issues ?? []);
  const malformed = issues.map(({ path, message }) => {
    const name = path.join('.');
    return `${name} ${name in given ? message : 'is required'}`;
  });
  const problems = [...malformed, ...unpaired(given)];
  if (!common.success || !settings.success || problems.length > 0) throw new InvalidEnvironmentError(problems);
  return { ...envOf(common.data), settings: settings.data as SettingsOf<V> };
}

/** What is wrong with variables that make sense only together. */
function unpaired(given: Record<string, unknown>): string[] {
  const there = WEBHOOK.filter((name) => name in given);
  const missing = WEBHOOK.filter((name) => !(name in given));
  return there.length === 0 ? [] : missing.map((name) => `${name} is required with ${there.join(', ')}`);
}

function envOf(env: SettingsOf<typeof VARIABLES>): Env {
  const { ESCALATION_WEBHOOK_URL: webhookUrl, ESCALATION_WEBHOOK_SECRET: secret } = env;
  return {
    port: env.PORT,
    host: env.HOST,
    publicUrl: env.PUBLIC_URL ?? `http://${env.HOST}:${env.PORT}`,
    databaseUrl: env.DATABASE_URL,
    temporalAddress: env.TEMPORAL_ADDRESS,
    temporalNamespace: env.TEMPORAL_NAMESPACE,
    temporalUiUrl: env.TEMPORAL_UI_URL,
    providerRetryForMs: env.PROVIDER_RETRY_FOR,
    correlationWindowMs: env.CORRELATION_WINDOW,
    iocImportLimit: env.IOC_IMPORT_LIMIT,
    escalationWebhook: webhookUrl && secret ? { url: webhookUrl, secret } : undefined,
    siteFile: env.SOAR_SITE_FILE,
    soarHome: resolve(env.SOAR_HOME),
    simulated: env.SOAR_SIMULATED,
    workerHealthPort: env.WORKER_HEALTH_PORT,
    logLevel: env.LOG_LEVEL,
  };
}
