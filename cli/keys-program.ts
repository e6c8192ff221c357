import { Option, type Command } from 'commander';
import { ROLES, type Role } from '../domain/api-key';
import { commands } from './commands/load';
import type { Run } from './program';

/** `soar keys`. */
export function addKeys(program: Command, run: Run): void {
  const keys = program.command('keys').description('who may call the API; works on the database itself');
  keys
    .command('add')
    .description('make a key, and show it this once')
    .argument('<name>', 'whose it is: what its owner does stands under this name in the audit')
    .addOption(new Option('--role <role>', 'what its owner is there for').choices(ROLES).default('analyst'))
    .action((name: string, options: { role: Role }, command: Command) =>
      run(command, (session) => commands.keys().keysAddCommand(session, name, options)),
    );
  keys
    .command('list')
    .description('every key there is and was, and when it was used')
    .action((_options: object, command: Command) =>
      run(command, (session) => commands.keys().keysListCommand(session)),
    );
  keys
    .command('revoke')
    .description('have a key refused from now on')
    .argument('<name-or-id>', 'as `soar keys list` shows it')
    .option('--force', 'also the last one that is left')
    .action((nameOrId: string, options: { force?: boolean }, command: Command) =>
      run(command, (session) => commands.keys().keysRevokeCommand(session, nameOrId, options)),
    );
}
