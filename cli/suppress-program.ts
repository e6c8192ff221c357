import { Option, type Command } from 'commander';
import { ALERT_TYPES } from '../domain/alert';
import { commands } from './commands/load';
import type { ListOptions, SuppressOptions } from './commands/suppress';
import { instant, span } from './options';
import type { Run } from './program';

/** `soar suppress …`: patterns of alerts that are known. */
export function addSuppress(program: Command, run: Run): void {
  const suppress = program
    .command('suppress')
    .description('patterns of alerts that are known: what matches is kept and counted, and closed as it comes');

  suppress
    .command('add')
    .description('say that a pattern is known; all that is given must match')
    .addOption(new Option('--type <type>', 'type of the alert').choices(ALERT_TYPES))
    .option('--observable <type:value>', 'what a field of the alert names, e.g. ip:192.0.2.10')
    .option('--rule <rule>', 'id or name of the rule')
    .option('--source <tool>', 'the tool')
    .option('--broad', 'all alerts of the type, or of the source, are meant: needed where nothing else is named')
    .requiredOption('--reason <text>', 'why it is known; it stands in the audit')
    .addOption(
      new Option('--until <time>', 'when it ends (RFC 3339; UTC without a zone)').argParser(instant).conflicts('for'),
    )
    .addOption(new Option('--for <time>', 'how long it holds, e.g. 12h or 30d; at most 366d').argParser(span))
    .action((options: SuppressOptions, command: Command) =>
      run(command, (session) => commands.suppress().suppressCommand(session, options)),
    );

  suppress
    .command('list')
    .description('those that hold, newest first, and what each has closed')
    .option('--all', 'also those that were removed or have expired')
    .option('--limit <value>', 'how many, at most 200')
    .option('--cursor <value>', 'the next page')
    .action((options: ListOptions, command: Command) =>
      run(command, (session) => commands.suppress().suppressionsCommand(session, options)),
    );

  suppress
    .command('remove')
    .description('end one at once; what it has closed stays closed')
    .argument('<id>', 'SUP-…')
    .action((id: string, _options: object, command: Command) =>
      run(command, (session) => commands.suppress().unsuppressCommand(session, id)),
    );
}
