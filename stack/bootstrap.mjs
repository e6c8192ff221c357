// The way in on a bare machine: plain Node, no packages. Installs what the lockfile names, then hands over.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const STAMP = join(ROOT, 'node_modules', '.soar-installed');
const OLDEST_NODE = [20, 19];
/** What is no part of the bring-up itself. */
const SCRIPTS = { test: ['test/run.ts'], bench: ['bench/main.ts'], 'bench:ioc': ['bench/ioc/main.ts'] };

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldMajor, oldMinor] = OLDEST_NODE;
  if (major > oldMajor || (major === oldMajor && minor >= oldMinor)) return;
  console.error(
    `SOAR Suite needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.version} (${process.execPath}).`,
  );
  process.exit(1);
}

/** Of all that decides what is installed. */
function fingerprint() {
  const hash = createHash('sha256')
    .update(process.versions.modules)
    .update(process.platform + process.arch);
  return hash.update(readFileSync(join(ROOT, 'package-lock.json'))).digest('hex');
}

function run(command, args) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => resolve({ code: 127, output: String(error) }));
    child.once('exit', (code) => resolve({ code: code ?? 1, output }));
  });
}

async function install() {
  const wanted = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  const startedAt = Date.now();
  console.log('… npm ci: installing packages');
  const ticking = setInterval(() => console.log(`… npm ci: ${Math.round((Date.now() - startedAt) / 1000)} s`), 15_000);
  const { code, output } = await run('npm', ['ci', '--no-audit', '--no-fund']);
  clearInterval(ticking);
  if (code !== 0) {
    console.error(`✘ npm ci failed (exit code ${code})\n`);
    // npm says what is wrong first, and how it is used last
    console.error(output.trimEnd().split('\n').slice(0, 20).join('\n'));
    console.error('\nWhat to do: check that the npm registry is reachable, then run the same command again.');
    process.exit(1);
  }
  writeFileSync(STAMP, wanted);
  console.log(`✔ npm ci ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}

/** The processes above this one, of which npm is one: it runs a script through a shell. */
function parents() {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
    return `${process.ppid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]}`;
  } catch {
    // not Linux, or the shell has just gone
    return `${process.ppid}`;
  }
}

/**
 * Runs the command itself. It notices by the closed channel when this process is killed, and this process notices when
 * npm is: a parent that is killed cannot hand on a signal.
 */
function handOver([command, ...options]) {
  const script = SCRIPTS[command] ?? ['stack/main.ts', command ?? ''];
  const child = spawn(process.execPath, ['--import', 'tsx', ...script, ...options], {
    cwd: ROOT,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  if (process.env.npm_lifecycle_event) {
    const npm = parents();
    const watch = setInterval(() => {
      if (parents() === npm) return;
      clearInterval(watch);
      child.kill('SIGTERM');
    }, 1000);
  }
  child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
}

checkNode();
await install();
handOver(process.argv.slice(2));
