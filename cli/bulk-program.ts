import type { Command } from 'commander';
import type { BulkCommandOptions } from './commands/bulk';
import { commands } from './commands/load';
import { seconds } from './options';
import type { Run } from './program';

/** Adds `soar bulk`. */
export function addBulk(program: Command, run: Run): void {
  program
    .command('bulk')
    .description(
      'submit every alert in files (JSON, arrays, NDJSON, logs; of any size) and folders, and show the verdicts',
    )
    .argument('[path...]', 'files of any name, folders (their *.json, *.ndjson, *.jsonl), or - for standard input')
    .option('--no-wait', 'do not wait for the verdicts')
    .option('--timeout <seconds>', 'how long to wait for each', seconds, 300)
    .option('--lines', 'read texts line by line, as *.log, *.syslog, *.cef and *.leef always are')
    .option('--format <name>', 'the format they are written in; found by its shape when left out')
    .option('--errors <file>', 'write down everything that fails, one JSON line each')
    .option('--resume-file <file>', 'where to keep how far it is; by default in the state folder')
    .option('--restart', 'begin anew what was interrupted')
    .addHelpText('after', HELP)
    .action((paths: string[], options: BulkCommandOptions, command: Command) =>
      run(command, (session) => commands.bulk().bulkCommand(session, paths, options)),
    );
}

const HELP = `
Interrupted (Ctrl-C, killed, the API away), the same command goes on where it stopped; nothing is taken twice.
Verdicts are waited for, and shown one by one, up to 1,000 alerts.`;
