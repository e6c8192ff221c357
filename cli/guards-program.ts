import type { Command } from 'commander';
import type { GuardsUpdateOptions } from './commands/guards';
import { commands } from './commands/load';
import type { Run } from './program';

const PYPI = 'https://pypi.org';

/** `soar guards …`: the warning lists. */
export function addGuards(program: Command, run: Run): void {
  const guards = program
    .command('guards')
    .description('the warning lists (MISP) that keep well-known and shared things from being taken for harm');
  guards
    .command('list')
    .description('the lists in force: version, kind and number of entries; needs no server')
    .action((_options: object, command: Command) =>
      run(command, (session) => commands.guards().guardsListCommand(session)),
    );
  guards
    .command('update')
    .description('take newer lists; what the source lost or spoiled stays as it was (exit 1)')
    .option(
      '--from <source>',
      'folder of MISP lists, wheel of pymispwarninglists, or its URL (default: newest of the index)',
    )
    .option('--to <folder>', 'where to write them (default: the state folder of the suite in use)')
    .option('--index-url <url>', 'PyPI, or a mirror of it with the JSON API', PYPI)
    .option('--accept <name...>', 'take these lists as the source has them, even halved or gone')
    .action((options: GuardsUpdateOptions, command: Command) =>
      run(command, (session) => commands.guards().guardsUpdateCommand(session, options)),
    );
}
