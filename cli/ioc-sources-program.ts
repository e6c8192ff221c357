import { Option, type Command } from 'commander';
import { RELIABILITIES } from '../domain/signal';
import type { SetOptions } from './commands/ioc-sources';
import { commands } from './commands/load';
import { columns, confidence, days, span } from './options';
import type { Run } from './program';

/** `soar ioc sources …`: who says something of values, and how far that is believed. */
export function addIocSources(ioc: Command, run: Run): void {
  const sources = ioc.command('sources').description('who says something of values, how far it is believed, and feeds');

  sources
    .command('list')
    .description('all sources')
    .action((_options: object, command: Command) =>
      run(command, (session) => commands.iocSources().sourcesCommand(session)),
    );

  sources
    .command('show')
    .description('one: its settings, and how its feed does')
    .argument('<name>')
    .action((name: string, _options: object, command: Command) =>
      run(command, (session) => commands.iocSources().sourceCommand(session, name)),
    );

  sources
    .command('set')
    .description('change what is given; what is left out stays as it is')
    .argument('<name>')
    .addOption(new Option('--reliability <letter>', 'A, the best, to F; needed for a new one').choices(RELIABILITIES))
    .option('--confidence <number>', 'of what it says without a number, 0 to 100', confidence)
    .option('--tlp <label>', 'of what it says without a label')
    .option('--expires-after <days>', 'days after a value was last seen; 0: by age only', days)
    .option('--tag <tag...>', 'of all that it says')
    .option('--description <text>', 'what it is')
    .option('--feed <url>', 'where it is fetched from, regularly')
    .option('--no-feed', 'it is fetched no more')
    .option('--format <name>', 'of the feed; recognised when left out')
    .option('--columns <list>', 'of a CSV feed: column of each part, as value:2,type:Kind', columns)
    .option('--every <time>', 'how often, e.g. 1h (the default) or 30m', span)
    .option('--pause', 'do not fetch it for now')
    .addOption(new Option('--resume', 'fetch it again').conflicts('pause'))
    .action((name: string, options: SetOptions & { feed?: string | boolean }, command: Command) =>
      run(command, (session) =>
        // commander gives true where neither --feed nor --no-feed is given
        commands.iocSources().setSourceCommand(session, name, withFeed(options)),
      ),
    );

  sources
    .command('poll')
    .description('fetch its feed now')
    .argument('<name>')
    .action((name: string, _options: object, command: Command) =>
      run(command, (session) => commands.iocSources().pollSourceCommand(session, name)),
    );

  sources
    .command('remove')
    .description('forget its settings and its feed; what it has said stays')
    .argument('<name>')
    .action((name: string, _options: object, command: Command) =>
      run(command, (session) => commands.iocSources().removeSourceCommand(session, name)),
    );
}

function withFeed({ feed, ...rest }: Omit<SetOptions, 'feed'> & { feed?: string | boolean }): SetOptions {
  return feed === undefined || feed === true ? rest : { ...rest, feed };
}
