import { dirname, join } from 'node:path';
import type { StackContext } from './context';
import { StackError } from './errors';
import { canInstall, findProgram, installPackage, outputOf } from './programs';
import type { Report } from './progress';

export interface MysqlProgram {
  path: string;
  kind: 'mariadb' | 'mysql';
  /** For people: `MariaDB 10.11.19`. */
  version: string;
}

const PACKAGE = 'mariadb-server-core';
/** Where servers are that are not on the PATH of ordinary users. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/libexec', '/usr/local/mysql/bin', '/opt/homebrew/bin'];

/** The MySQL or MariaDB server of this machine; as root on Debian it is installed when there is none. */
export async function mysqlProgram(context: StackContext, report: Report): Promise<MysqlProgram> {
  const found = await findMysql(context.env.searchPath);
  if (found) return found;
  if (canInstall()) {
    await installPackage(context, PACKAGE, report);
    const installed = await findMysql(context.env.searchPath);
    if (installed) return installed;
  }
  throw new StackError('There is no MySQL or MariaDB server here, and none can be installed without root.', {
    advice: [
      `on Debian or Ubuntu: sudo apt-get install -y --no-install-recommends ${PACKAGE}`,
      'or with Docker: docker run -d --name soar-mysql -p 127.0.0.1:3306:3306 -e MYSQL_ROOT_PASSWORD=soar mysql:8.4',
      '  and then: export DATABASE_URL=mysql://root:soar@127.0.0.1:3306/soar',
      'or set DATABASE_URL to any MySQL 8 or MariaDB 10.11 server',
    ],
  });
}

/** Looks for a server without installing anything. */
export async function findMysql(searchPath: string[]): Promise<MysqlProgram | undefined> {
  const path = findProgram(['mariadbd', 'mysqld'], [...searchPath, ...SERVER_FOLDERS]);
  if (path === undefined) return undefined;
  const line = (await outputOf(path, ['--no-defaults', '--version'])) ?? '';
  const number = /Ver ([\d.]+)/.exec(line)?.[1] ?? 'of unknown version';
  const kind = /mariadb/i.test(line) ? 'mariadb' : 'mysql';
  return { path, kind, version: `${kind === 'mariadb' ? 'MariaDB' : 'MySQL'} ${number}` };
}

/** The folder with MariaDB's own SQL scripts. */
export async function mariadbScripts(program: MysqlProgram): Promise<string> {
  const help = (await outputOf(program.path, ['--no-defaults', '--verbose', '--help'])) ?? '';
  const charsets = /^character-sets-dir\s+(\/\S.*)$/m.exec(help)?.[1];
  return charsets === undefined ? '/usr/share/mysql' : dirname(join(charsets.trim(), '.'));
}
