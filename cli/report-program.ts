import { Option, type Command } from 'commander';
import { REPORT_FORMATS } from './client';
import { commands } from './commands/load';
import type { ReportOptions } from './commands/report';
import { wholeNumber } from './options';
import type { Run } from './program';

/** `soar report`. */
export function addReport(program: Command, run: Run): void {
  program
    .command('report')
    .description("an incident's report: as Markdown for a ticket, as a page, or as JSON")
    .argument('<id>', 'INC-…')
    .addOption(new Option('--format <form>', 'its form (default: md)').choices(REPORT_FORMATS))
    .option('--version <number>', 'an earlier one (default: the latest)', wholeNumber)
    .option('-o, --output <file>', 'write it into a file')
    .action((id: string, options: ReportOptions, command: Command) =>
      run(command, (session) => commands.report().reportCommand(session, id, options)),
    );
}
