import { join, resolve } from 'node:path';

/** Folder of the project itself; paths in it do not depend on where a command was typed. */
export const PROJECT_ROOT = resolve(__dirname, '..');

/** Where one running stack keeps everything it writes. */
export interface StatePaths {
  home: string;
  /** Text file with the first admin API key, mode 0600. */
  apiKey: string;
  /** Text file with the API's base URL; there while the stack is up. */
  url: string;
  /** Text file with the database's URL, mode 0600: the audit is verified on the database itself. */
  databaseUrl: string;
  /** JSON file that says where Temporal is: `{address, namespace, uiUrl}`. */
  temporal: string;
  /** Temporal's own client configuration for a server that was brought up here. */
  temporalConfig: string;
  /** Folder of the warning lists that `soar guards update` fetched; they win over those that came with the code. */
  guards: string;
  /** The site file of the demo. */
  site: string;
  logs: string;
  /** One record per running child process. */
  run: string;
  lock: string;
  ports: string;
  mysqlData: string;
  mysqlPassword: string;
  temporalDb: string;
}

/** @param home absolute path of the state folder, for example `/srv/soar/.soar` */
export function statePaths(home: string): StatePaths {
  return {
    home,
    apiKey: join(home, 'api-key'),
    url: join(home, 'url'),
    databaseUrl: join(home, 'database-url'),
    temporal: join(home, 'temporal.json'),
    temporalConfig: join(home, 'temporal.toml'),
    guards: join(home, 'guards'),
    site: join(home, 'site.yaml'),
    logs: join(home, 'logs'),
    run: join(home, 'run'),
    lock: join(home, 'lock'),
    ports: join(home, 'ports.json'),
    mysqlData: join(home, 'mysql'),
    mysqlPassword: join(home, 'mysql-password'),
    temporalDb: join(home, 'temporal.db'),
  };
}

/** The state folder of `npm start`: `SOAR_HOME`, by default `.soar` in the project; those of demo and test are inside it. */
export function stateHome(configured: string | undefined, kind: 'start' | 'demo' | 'test' = 'start'): string {
  const home = resolve(PROJECT_ROOT, configured || '.soar');
  return kind === 'start' ? home : join(home, kind);
}
