import type { Command } from 'commander';
import { CHOOSING, flagOf } from './commands/filters';
import { commands } from './commands/load';
import type { RescoreOptions } from './commands/rescore';
import { seconds } from './options';
import type { Run } from './program';

/** `soar rescore`. */
export function addRescore(program: Command, run: Run): void {
  const rescore = program
    .command('rescore')
    .description('judge past incidents by the rules of today: shows what would change, and applies it when told so')
    .argument('[id]', 'RSC-…: one that was begun before')
    .option('--apply [id]', 'put in force what RSC-… has found; without an id, what is found now (needs --yes)')
    .option('--reopen', 'open incidents again that closed themselves and would not today; else they are only flagged')
    .option('-y, --yes', 'apply what nobody has looked at')
    .option('--timeout <seconds>', 'how long to follow it', seconds, 3600)
    .action((id: string | undefined, options: RescoreOptions & Record<string, unknown>, command: Command) =>
      run(command, (session) => commands.rescore().rescoreCommand(session, id, options)),
    );
  for (const [name, help] of Object.entries(CHOOSING)) rescore.option(flagOf(name), help);
}
