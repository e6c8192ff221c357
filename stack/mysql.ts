import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { PROJECT_ROOT } from '../config/home';
import type { Child } from './child';
import type { StackContext } from './context';
import { asUser, initialiseData } from './mysql-init';
import { mysqlProgram, type MysqlProgram } from './mysql-program';
import { freePort, isPortFree } from './ports';
import type { Report } from './progress';

const USER = 'soar';
const START_WITHIN_MS = 120_000;
/** Longest path of a Unix socket: 103 bytes on macOS, 107 on Linux. */
const SOCKET_PATH_LIMIT = 100;
const PORT_ATTEMPTS = 3;

/**
 * Starts a database server of our own: data in the state folder, on a free loopback port, with a password of its own.
 * @param database made if it is not there
 * @returns its URL, `mysql://soar:…@127.0.0.1:<port>/<database>`
 * @throws StackError when there is no server program or it does not start
 */
export async function startPrivateMysql(context: StackContext, database: string, report: Report): Promise<string> {
  const program = await mysqlProgram(context, report);
  if (!existsSync(context.paths.mysqlData)) report(`${program.version}, making a new data folder`);
  await initialiseData(context, program);
  const password = ownPassword(context.paths.mysqlPassword);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(context.ports.get('mysql'));
    report(`${program.version} on port ${port}`);
    try {
      await startOn(context, program, port, { database, password });
      context.ports.set('mysql', port);
      return `mysql://${USER}:${password}@127.0.0.1:${port}/${database}`;
    } catch (error) {
      // somebody else took the port between our look and the server's
      if (attempt === PORT_ATTEMPTS || (await isPortFree(port))) throw error;
    }
  }
}

/** Hexadecimal, so that it needs no quoting in SQL or in a URL. */
function ownPassword(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

interface Access {
  database: string;
  password: string;
}

async function startOn(context: StackContext, program: MysqlProgram, port: number, access: Access): Promise<void> {
  const { paths } = context;
  const socketFolder = shortFolder(paths.mysqlData);
  const initFile = join(paths.home, 'mysql-init.sql');
  writeFileSync(initFile, accountSql(access), { mode: 0o600 });
  try {
    await context.supervisor.start({
      name: 'mysql',
      command: program.path,
      args: [...serverArgs(context, port, join(socketFolder, 'mysql.sock')), `--init-file=${initFile}`],
      env: context.env.variables,
      cwd: PROJECT_ROOT,
      log: join(paths.logs, 'mysql.log'),
      runDir: paths.run,
      graceSeconds: 60,
      readyWithinMs: START_WITHIN_MS,
      ready: () => answers(port, access),
      advice: [
        'a full disk, missing rights, or AppArmor (which may confine mysqld to its own folder) are the usual reasons',
        'or use another server: set DATABASE_URL',
      ],
    });
    if (socketFolder !== paths.mysqlData) {
      const child = context.supervisor.child('mysql');
      void removeAfter(child, socketFolder);
    }
  } catch (error) {
    if (socketFolder !== paths.mysqlData) rmSync(socketFolder, { recursive: true, force: true });
    throw error;
  }
}

async function removeAfter(child: Child | undefined, folder: string): Promise<void> {
  await child?.exited;
  rmSync(folder, { recursive: true, force: true });
}

/** The data folder, or a temporary one when the path of a socket in it would be too long. */
function shortFolder(dataFolder: string): string {
  if (Buffer.byteLength(join(dataFolder, 'mysql.sock')) <= SOCKET_PATH_LIMIT) return dataFolder;
  return mkdtempSync(join(tmpdir(), 'soar-'));
}

/** Run by the server at each start, one statement a line: makes our account and closes all that have no password. */
function accountSql({ database, password }: Access): string {
  const account = `'${USER}'@'127.0.0.1'`;
  return [
    `CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY '${password}';`,
    `ALTER USER ${account} IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO ${account} WITH GRANT OPTION;`,
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${password}';`,
    ...["'root'@'127.0.0.1'", "'root'@'::1'", "''@'localhost'"].map((other) => `DROP USER IF EXISTS ${other};`),
    `CREATE DATABASE IF NOT EXISTS \`${database}\` CHARACTER SET utf8mb4;`,
    '',
  ].join('\n');
}

/** Right for MySQL 8 and MariaDB: what only one of them knows is prefixed by `loose-`. */
function serverArgs(context: StackContext, port: number, socket: string): string[] {
  const { mysqlData } = context.paths;
  const unsafe = [
    '--innodb-flush-log-at-trx-commit=2',
    '--innodb-doublewrite=OFF',
    '--loose-innodb-flush-method=O_DIRECT_NO_FSYNC',
  ];
  return [
    '--no-defaults',
    ...asUser(),
    `--datadir=${mysqlData}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${socket}`,
    `--pid-file=${join(mysqlData, 'server.pid')}`,
    '--skip-name-resolve',
    '--character-set-server=utf8mb4',
    '--default-time-zone=+00:00',
    // taken as it is needed; a million IOCs fit in, so that a lookup among them reads no disk
    '--innodb-buffer-pool-size=1G',
    '--max-allowed-packet=64M',
    '--max-connections=300',
    '--skip-log-bin',
    '--loose-mysqlx=OFF',
    '--performance-schema=OFF',
    ...(context.durable ? [] : unsafe),
  ];
}

async function answers(port: number, { database, password }: Access): Promise<boolean> {
  const address = { host: '127.0.0.1', port, user: USER, password, database, connectTimeout: 2000 };
  const connection = await createConnection(address);
  await connection.end();
  return true;
}
