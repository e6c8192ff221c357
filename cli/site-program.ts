import type { Command } from 'commander';
import { commands } from './commands/load';
import type { Run } from './program';

/** `soar site …`: what only this site knows. */
export function addSite(program: Command, run: Run): void {
  program
    .command('site')
    .description('what only this site knows: its ranges, accounts, hosts, limits and verdict policy')
    .command('check')
    .description('whether a site file can be used, and what is in force with it; needs no server')
    .argument('[file]', 'YAML file (default: SOAR_SITE_FILE)')
    .action((file: string | undefined, _options: object, command: Command) =>
      run(command, (session) =>
        Promise.resolve(commands.site().siteCheckCommand(session, file ?? session.env.variables.SOAR_SITE_FILE)),
      ),
    );
}
