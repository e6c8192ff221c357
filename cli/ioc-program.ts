import { Argument, Option, type Command } from 'commander';
import { IOC_TYPES } from '../domain/intel/indicator';
import { flagOf, IOC_FILTERS, IOC_LIST_FILTERS } from './commands/filters';
import type { AddOptions, ConfirmOptions, DeleteOptions, VerdictOptions } from './commands/ioc-entries';
import type { ExportOptions } from './commands/ioc-export';
import type { ImportOptions, ImportsOptions } from './commands/ioc-import';
import { commands } from './commands/load';
import { addIocSources } from './ioc-sources-program';
import { confidence, instant, seconds, span, wholeNumber } from './options';
import type { Run } from './program';

const typeOption = (help: string): Option => new Option('--type <type>', help).choices(IOC_TYPES);

/** `soar ioc …`: the local database of indicators. */
export function addIoc(program: Command, run: Run): void {
  const ioc = program.command('ioc').description('the local database of indicators');
  addReading(ioc, run);
  addEditing(ioc, run);
  addFiles(ioc, run);
  addIocSources(ioc, run);
}

function addReading(ioc: Command, run: Run): void {
  ioc
    .command('lookup')
    .description('is an indicator known, since when, from whom, and in which incidents')
    .argument('<type-or-value...>', 'values, or - for standard input, one a line; a type in front holds for all')
    .action((words: string[], _options: object, command: Command) =>
      run(command, (session) => commands.ioc().iocLookupCommand(session, words)),
    );

  const list = ioc
    .command('list')
    .description('list entries, newest first')
    .action((options: Record<string, unknown>, command: Command) =>
      run(command, (session) => commands.iocEntries().iocListCommand(session, options)),
    );
  for (const [name, help] of Object.entries({ ...IOC_FILTERS, ...IOC_LIST_FILTERS })) list.option(flagOf(name), help);

  ioc
    .command('show')
    .description('one entry: who says what of it, and in which incidents it was seen')
    .argument('<id-or-value>')
    .action((text: string, _options: object, command: Command) =>
      run(command, (session) => commands.iocEntries().iocShowCommand(session, text)),
    );
}

function addEditing(ioc: Command, run: Run): void {
  ioc
    .command('add')
    .description('say that a value is an indicator')
    .argument('<value>', 'address, range, domain, URL, hash or mail address; defanged too')
    .addOption(typeOption('told from the value when left out'))
    .option('--source <name>', 'who says so (default: analyst)')
    .option('--confidence <number>', '0 to 100', confidence)
    .option('--tag <tag...>', 'such as c2')
    .option('--tlp <label>', 'clear, green, amber, amber+strict or red')
    .addOption(
      new Option('--until <time>', 'when it expires (RFC 3339; UTC without a zone)')
        .argParser(instant)
        .conflicts('for'),
    )
    .addOption(new Option('--for <time>', 'how long it holds, e.g. 30d').argParser(span))
    .option('--reference <text>', 'where one can read more')
    .action((value: string, options: AddOptions, command: Command) =>
      run(command, (session) => commands.iocEntries().iocAddCommand(session, value, options)),
    );

  ioc
    .command('verdict')
    .description('say that an entry is malicious or benign, whatever age and sources say; none takes that back')
    .argument('<id-or-value>')
    .addArgument(new Argument('<verdict>').choices(['malicious', 'benign', 'none']))
    .option('--reason <text>', 'why; it stands in the audit')
    .action((text: string, word: 'malicious' | 'benign' | 'none', options: VerdictOptions, command: Command) =>
      run(command, (session) => commands.iocEntries().iocVerdictCommand(session, text, word, options)),
    );

  ioc
    .command('delete')
    .description('remove an entry, or all that a source has said')
    .argument('[id-or-value]')
    .option('--source <name>', 'all that it has said')
    .option('-y, --yes', 'needed with --source')
    .action((text: string | undefined, options: DeleteOptions, command: Command) =>
      run(command, (session) => commands.iocEntries().iocDeleteCommand(session, text, options)),
    );

  ioc
    .command('confirm')
    .description("an incident's observable is malicious: it is added, and counts from now on")
    .argument('<incident>', 'INC-…')
    .argument('<observable>', 'as type:value, such as ip:185.220.101.1')
    .requiredOption('--reason <text>', 'why; it stands in both audits')
    .option('--confidence <number>', '0 to 100', confidence)
    .option('--tag <tag...>', 'such as c2')
    .action((incident: string, observable: string, options: ConfirmOptions, command: Command) =>
      run(command, (session) => commands.iocEntries().iocConfirmCommand(session, incident, observable, options)),
    );
}

function addFiles(ioc: Command, run: Run): void {
  ioc
    .command('import')
    .description('import files of indicators: lists, CSV, STIX, MISP, feeds; also as gzip or zip, of any size')
    .argument('<file...>', 'files, or - for standard input')
    .requiredOption('--source <name>', 'who says what stands in them')
    .option('--format <name>', 'recognised when left out')
    .addOption(typeOption('of every value, where the file does not say it'))
    .option('--columns <list>', 'of CSV: column of each part, by header or number, as value:2,type:Kind')
    .option('--confidence <number>', "where the file does not say it (default: the source's)", confidence)
    .option('--tlp <label>', 'where the file does not say it')
    .option('--tag <tag...>', 'of every value')
    .option('--expires-after <days>', 'days after it was last seen', wholeNumber)
    .option('--problems', 'show every line that was not kept, not only the first ones')
    .option('--no-wait', 'do not wait for the end')
    .option('--timeout <seconds>', 'how long to wait', seconds, 3_600)
    .action((files: string[], options: ImportOptions, command: Command) =>
      run(command, (session) => commands.iocImport().iocImportCommand(session, files, options)),
    );

  ioc
    .command('imports')
    .description('list imports, newest first; with an id, show one')
    .argument('[id]', 'IMP-…')
    .option('--source <name>', 'of this source')
    .option('--problems', 'with an id: every line that was not kept')
    .option('--limit <value>', 'how many, at most 200')
    .option('--cursor <value>', 'the next page')
    .action((id: string | undefined, options: ImportsOptions & { problems?: true }, command: Command) =>
      run(command, (session) => commands.iocImport().iocImportsCommand(session, id, options)),
    );

  const exporting = ioc
    .command('export')
    .description('export entries that count: for people, for other platforms, for firewalls')
    .addOption(new Option('--format <name>', 'told from the file name when left out').choices(['csv', 'stix', 'plain']))
    .option('-o, --output <file>', 'default: standard output')
    .option('--include-expired', 'also what has expired')
    .option('--include-flagged', 'also what is private, your own, or on a warning list')
    .action((options: ExportOptions, command: Command) =>
      run(command, (session) => commands.iocExport().iocExportCommand(session, options)),
    );
  for (const [name, help] of Object.entries(IOC_FILTERS)) exporting.option(flagOf(name), help);
}
