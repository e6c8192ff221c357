import type { Command } from 'commander';
import { commands } from './commands/load';
import type { RegroupOptions } from './commands/regroup';
import type { Run } from './program';

/** `soar merge` and `soar split`. */
export function addRegroup(program: Command, run: Run): void {
  program
    .command('merge')
    .description('move its alerts to another one; it is a duplicate')
    .argument('<id>', 'INC-… that is merged')
    .argument('<into>', 'INC-… that gets its alerts')
    .requiredOption('--reason <text>', 'why; it stands in the audit of both')
    .action((id: string, into: string, options: RegroupOptions, command: Command) =>
      run(command, (session) => commands.regroup().mergeCommand(session, id, into, options)),
    );

  program
    .command('split')
    .description('move some of its alerts into a new one')
    .argument('<id>', 'INC-…')
    .argument('<alert...>', 'ALT-… that leave')
    .requiredOption('--reason <text>', 'why; it stands in the audit of both')
    .action((id: string, alertIds: string[], options: RegroupOptions, command: Command) =>
      run(command, (session) => commands.regroup().splitCommand(session, id, alertIds, options)),
    );
}
