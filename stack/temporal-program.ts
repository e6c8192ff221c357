import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROJECT_ROOT } from '../config/home';
import type { StackContext } from './context';
import { StackError } from './errors';
import { tryLock } from './lock';
import { findProgram, outputOf, tool } from './programs';
import type { Report } from './progress';

export interface TemporalProgram {
  path: string;
  /** Of the server in it, for example `1.31.2`. */
  version: string;
}

const MODULE = join(PROJECT_ROOT, 'stack', 'temporal');
/** A download that brings no byte for this long is given up. */
const DOWNLOAD_STALLS_MS = 20_000;
const DOWNLOAD_ENDS_MS = 10 * 60_000;

/**
 * The Temporal CLI, which holds the server and its Web UI: from the PATH; else as built or downloaded before; else the
 * SDK's own download; else built from the pinned Go module.
 */
export async function temporalProgram(context: StackContext, report: Report): Promise<TemporalProgram> {
  const found = await findTemporal(context.env.searchPath, context.env.cacheHome);
  if (found) return found;
  const folder = cacheFolder(context.env.cacheHome);
  mkdirSync(folder, { recursive: true });
  const target = join(folder, 'temporal');
  const lock = await waitForLock(join(folder, 'lock'), report);
  try {
    if (!existsSync(target) && !(await download(context, target, report))) await build(context, target, report);
  } finally {
    lock.release();
  }
  const program = await asProgram(target);
  if (program) return program;
  rmSync(target, { force: true });
  throw new StackError('The Temporal program that was made does not run.', { advice: ADVICE });
}

const ADVICE = [
  'install the Temporal CLI so that `temporal` is on the PATH, or Go (1.21 or newer), which builds it here',
  'or with Docker: docker run -d --name soar-temporal -p 127.0.0.1:7233:7233 -p 127.0.0.1:8233:8233 temporalio/temporal server start-dev --ip 0.0.0.0',
  '  and then: export TEMPORAL_ADDRESS=127.0.0.1:7233 TEMPORAL_UI_URL=http://127.0.0.1:8233',
];

/** Looks for a Temporal CLI without making one. */
export async function findTemporal(searchPath: string[], cacheHome: string): Promise<TemporalProgram | undefined> {
  const onPath = findProgram(['temporal'], searchPath);
  return (onPath && (await asProgram(onPath))) || asProgram(join(cacheFolder(cacheHome), 'temporal'));
}

async function asProgram(path: string): Promise<TemporalProgram | undefined> {
  if (!existsSync(path)) return undefined;
  const version = /\(Server ([\d.]+)/.exec((await outputOf(path, ['--version'])) ?? '')?.[1];
  return version === undefined ? undefined : { path, version };
}

/** One folder per pinned version and machine kind, shared by all clones of one user. */
function cacheFolder(cacheHome: string): string {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(MODULE, file)));
  hash.update(`${process.platform}/${process.arch}`);
  return join(cacheHome, 'temporal', hash.digest('hex').slice(0, 16));
}

async function waitForLock(file: string, report: Report): Promise<{ release(): void }> {
  for (;;) {
    const attempt = tryLock(file);
    if ('lock' in attempt) return attempt.lock;
    report(`waiting for another process that is making it (${attempt.heldBy.pid})`);
    await sleep(500);
  }
}

/** The SDK's own download, in a process that can be ended. False when it cannot be reached. */
async function download(context: StackContext, target: string, report: Report): Promise<boolean> {
  const folder = `${target}.download`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  report('trying to download it');
  const version = pinnedVersion();
  const script = join(__dirname, 'temporal-download.ts');
  const spec = tool(context, 'temporal-download', process.execPath, ['--import', 'tsx', script, folder, version]);
  const running = context.supervisor.run(spec).then(
    () => true,
    () => false,
  );
  const done = await Promise.race([running, stalled(folder, report)]);
  if (!done) await context.supervisor.stop(spec.name);
  const file = readdirSync(folder).find((name) => !name.endsWith('.downloading'));
  if (done && file !== undefined) renameSync(join(folder, file), target);
  rmSync(folder, { recursive: true, force: true });
  return existsSync(target);
}

/** Resolves to false when the folder stops growing; never otherwise, within the time that any download has. */
async function stalled(folder: string, report: Report): Promise<false> {
  const end = Date.now() + DOWNLOAD_ENDS_MS;
  let size = 0;
  let grown = Date.now();
  while (Date.now() < end && Date.now() - grown < DOWNLOAD_STALLS_MS) {
    await sleep(500);
    const now = folderSize(folder);
    if (now > size) {
      size = now;
      grown = Date.now();
      report(`downloading, ${(size / 1e6).toFixed(0)} MB`);
    }
  }
  return false;
}

function folderSize(folder: string): number {
  let size = 0;
  for (const name of existsSync(folder) ? readdirSync(folder) : []) size += statSync(join(folder, name)).size;
  return size;
}

function pinnedVersion(): string {
  const version = /github\.com\/temporalio\/cli (v[\d.]+)/.exec(readFileSync(join(MODULE, 'go.mod'), 'utf8'))?.[1];
  if (version === undefined) throw new Error('stack/temporal/go.mod names no version of the Temporal CLI');
  return version;
}

async function build(context: StackContext, target: string, report: Report): Promise<void> {
  const go = findProgram(['go'], [...context.env.searchPath, '/usr/local/go/bin']);
  if (go === undefined) {
    throw new StackError('There is no Temporal server here: no `temporal`, no download, and no Go to build it with.', {
      advice: ADVICE,
    });
  }
  report('building it once for this user, which takes some minutes');
  const made = `${target}.${process.pid}`;
  // -v names each package when it is compiled; without symbol tables the program is a third smaller
  const args = ['build', '-v', '-ldflags=-s -w', '-o', made, 'tool'];
  const spec = { ...tool(context, 'temporal-build', go, args), cwd: MODULE };
  const ticking = setInterval(() => report(buildProgress(spec.log)), 500);
  try {
    await context.supervisor.run(spec, ['Go fetches modules from its proxy: check that it is reachable', ...ADVICE]);
    renameSync(made, target);
  } finally {
    clearInterval(ticking);
    rmSync(made, { force: true });
  }
}

/** Packages that a build from nothing compiles; only for the progress line. */
const PACKAGES = 1700;

function buildProgress(log: string): string {
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
  const compiled = lines.filter((line) => line !== '' && !line.startsWith('go: ')).length;
  if (compiled > 0) return `building, ${compiled} packages compiled (from nothing: ${PACKAGES})`;
  return lines.length > 1 ? `building, ${lines.length} modules fetched` : 'building';
}
