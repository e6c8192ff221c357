import { readFile } from 'node:fs/promises';
import type { CliEnv } from '../config/cli';
import { statePaths } from '../config/home';
import { createClient, type SoarClient } from './client';
import { CliError } from './errors';

interface RunningState {
  home: string;
  url: string;
}

/**
 * The API to talk to: `SOAR_URL` if set, else of `npm start` and the demo the one that answers on /healthz.
 * @throws CliError saying what to start when none is up
 */
export async function connectApi(env: CliEnv): Promise<SoarClient> {
  if (env.url) return createClient({ url: env.url, apiKey: env.apiKey });
  const states = await knownStates(env.homes);
  const up = await firstUp(states);
  if (!up) throw notRunning(states);
  return createClient({ url: up.url, apiKey: env.apiKey ?? (await readLine(statePaths(up.home).apiKey)) });
}

/**
 * The database behind the API: `DATABASE_URL` if set, else what the stack wrote for its own.
 * @throws CliError when neither is there
 */
export async function findDatabaseUrl(env: CliEnv): Promise<string> {
  const url = env.databaseUrl ?? (await readLine(statePaths(await findHome(env)).databaseUrl));
  if (url) return url;
  throw new CliError(
    'No database is known here.',
    'Start the suite with `npm start` (or `npm run demo`), or set DATABASE_URL.',
  );
}

/** The state folder that is in use: whose API is up, else whose database is known, else that of `npm start`. */
export async function findHome({ homes }: CliEnv): Promise<string> {
  const up = await firstUp(await knownStates(homes));
  if (up) return up.home;
  const known = await Promise.all(homes.map((home) => readLine(statePaths(home).databaseUrl)));
  return homes[Math.max(0, known.findIndex(Boolean))] ?? '';
}

async function knownStates(homes: string[]): Promise<RunningState[]> {
  const urls = await Promise.all(homes.map((home) => readLine(statePaths(home).url)));
  return homes.flatMap((home, index) => {
    const url = urls[index];
    return url ? [{ home, url }] : [];
  });
}

async function firstUp(states: RunningState[]): Promise<RunningState | undefined> {
  const answers = await Promise.all(states.map((state) => isUp(state.url)));
  return states.find((_, index) => answers[index]);
}

async function isUp(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}/healthz`, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

function notRunning(states: RunningState[]): CliError {
  const tried = states.length > 0 ? ` (tried ${states.map((state) => state.url).join(', ')})` : '';
  return new CliError(
    `No SOAR API is up here${tried}.`,
    'Start it with `npm start` (or `npm run demo`), or set SOAR_URL and SOAR_API_KEY to one that runs elsewhere.',
  );
}

/** First line of a small file, or undefined when it is not there. */
async function readLine(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).split('\n')[0]?.trim() || undefined;
  } catch {
    return undefined;
  }
}
