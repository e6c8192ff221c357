import type { Command } from 'commander';
import type { EvalOptions } from './commands/eval';
import { commands } from './commands/load';
import type { Run } from './program';

/** `soar eval`: the verdict policy measured over labelled cases. */
export function addEval(program: Command, run: Run): void {
  program
    .command('eval')
    .description('measure the verdict policy over labelled cases; needs no server (exit 1: a target is missed)')
    .option('--cases <path...>', 'files or folders of cases (default: those that come with the code)')
    .option(
      '--policy <file>',
      'measure this policy: a site file, or policy changes alone (default: the default policy)',
    )
    .option(
      '--against <file>',
      'show what changes from this policy to the measured one; "default" names the default one',
    )
    .option('--html <file>', 'write the whole result as one page, too')
    .option('--playbooks', 'also what was expected and given in each playbook')
    .option('--failing', 'only the cases whose verdict is not the expected one')
    .action((options: EvalOptions, command: Command) =>
      run(command, (session) => commands.eval().evalCommand(session, options)),
    );
}
