import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../config/home';
import type { ChildSpec } from './child';
import type { StackContext } from './context';
import type { Report } from './progress';

const execute = promisify(execFile);

/** Absolute path of the first program found, name by name, in the given folders. */
export function findProgram(names: string[], folders: string[]): string | undefined {
  for (const name of names) {
    for (const folder of folders) {
      const file = join(folder, name);
      if (isAbsolute(file) && isExecutable(file)) return file;
    }
  }
  return undefined;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Standard output of a short command; undefined when it cannot be run or fails. */
export async function outputOf(command: string, args: string[], cwd?: string): Promise<string | undefined> {
  try {
    const { stdout } = await execute(command, args, { cwd, timeout: 60_000, maxBuffer: 64 << 20 });
    return stdout.trim();
  } catch {
    return undefined;
  }
}

/** A short-lived tool of the bring-up, with a log of its own. */
export function tool(context: StackContext, name: string, command: string, args: string[], env = {}): ChildSpec {
  return {
    name,
    command,
    args,
    env: { ...context.env.variables, ...env },
    cwd: PROJECT_ROOT,
    log: join(context.paths.logs, `${name}.log`),
    graceSeconds: 5,
    runDir: context.paths.run,
  };
}

/** Whether packages can be installed: root on Debian or one of its kin. */
export function canInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get');
}

/** Installs one Debian package and what it needs, no more; services are not started by any that we ask for. */
export async function installPackage(context: StackContext, name: string, report: Report): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  // another apt may be at work: wait for it rather than fail
  const patient = ['-q', '-o', 'DPkg::Lock::Timeout=300'];
  const advice = ['check the package sources: apt-get update'];
  report(`reading the package lists (apt-get update)`);
  await context.supervisor.run(tool(context, 'apt-update', 'apt-get', [...patient, 'update'], env), advice);
  report(`installing ${name}`);
  const args = [...patient, 'install', '-y', '--no-install-recommends', name];
  await context.supervisor.run(tool(context, `apt-${name}`, 'apt-get', args, env), advice);
}
