import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackContext } from './context';
import { StackError } from './errors';
import { findProgram, tool } from './programs';
import { mariadbScripts, type MysqlProgram } from './mysql-program';

/** The system tables; help texts and the sys schema are left out, which nobody here reads. */
const SYSTEM_TABLES = [
  'mysql_system_tables.sql',
  'mysql_performance_tables.sql',
  'mysql_system_tables_data.sql',
  'maria_add_gis_sp_bootstrap.sql',
];

/** Makes the data folder when there is none. A half-made one, of a run that was stopped, is never taken for one. */
export async function initialiseData(context: StackContext, program: MysqlProgram): Promise<void> {
  const { mysqlData } = context.paths;
  if (existsSync(mysqlData)) return;
  const unfinished = `${mysqlData}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  const command =
    program.kind === 'mysql' ? mysqlInit(program, unfinished) : await mariadbInit(program, unfinished, context);
  await context.supervisor.run(tool(context, 'mysql-init', command.program, command.args), [
    'look at the log above; a full disk or missing rights on the folder are the usual reasons',
    'or use another server: set DATABASE_URL',
  ]);
  rmSync(join(unfinished, BOOTSTRAP_FILE), { force: true });
  renameSync(unfinished, mysqlData);
}

interface Command {
  program: string;
  args: string[];
}

const BOOTSTRAP_FILE = 'bootstrap.sql';

/** A server started as root must be told that this is meant. */
export function asUser(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

function mysqlInit(program: MysqlProgram, folder: string): Command {
  return {
    program: program.path,
    args: ['--no-defaults', '--initialize-insecure', `--datadir=${folder}`, ...asUser()],
  };
}

/**
 * What mariadb-install-db does, without it: that script needs programs of other packages and, as root, changes owners of
 * files of a system-wide server. It is used only where the SQL scripts are not found.
 */
async function mariadbInit(program: MysqlProgram, folder: string, context: StackContext): Promise<Command> {
  const scripts = await mariadbScripts(program);
  const files = SYSTEM_TABLES.map((file) => join(scripts, file)).filter((file) => existsSync(file));
  if (!files.some((file) => file.endsWith('mysql_system_tables.sql'))) return installDb(folder, context);
  const sql = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  // an account per host name of this machine would be one without a password
  const kept = sql.split('\n').filter((line) => !line.includes('@current_hostname'));
  const input = join(folder, BOOTSTRAP_FILE);
  writeFileSync(input, ['create database mysql;', 'use mysql;', 'SET @auth_root_socket=NULL;', ...kept, ''].join('\n'));
  const server = [program.path, '--no-defaults', '--bootstrap', `--datadir=${folder}`, '--log-warnings=0'];
  const limits = ['--max-allowed-packet=8M', '--net-buffer-length=16K', '--enforce-storage-engine='];
  return {
    program: '/bin/sh',
    args: ['-c', 'input=$1; shift; exec "$@" <"$input"', 'sh', input, ...server, ...limits, ...asUser()],
  };
}

function installDb(folder: string, context: StackContext): Command {
  const program = findProgram(['mariadb-install-db', 'mysql_install_db'], [...context.env.searchPath, '/usr/bin']);
  if (!program) {
    throw new StackError('MariaDB is here, but neither its SQL scripts nor mariadb-install-db are.', {
      advice: ['install the whole MariaDB server package, or set DATABASE_URL'],
    });
  }
  return {
    program,
    args: [
      '--no-defaults',
      `--datadir=${folder}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      ...asUser(),
    ],
  };
}
