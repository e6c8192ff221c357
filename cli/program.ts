import { Command, CommanderError, Option } from 'commander';
import { addActs } from './acts-program';
import { alertOptions } from './alert-fields';
import { addAudit } from './audit-program';
import type { AlertOptions } from './commands/alert';
import type { ParseOptions } from './commands/parse';
import { flagOf, INCIDENT_FILTERS, STATS_FILTERS } from './commands/filters';
import type { IncidentOptions } from './commands/incident';
import { commands } from './commands/load';
import type { RetryOptions } from './commands/retry';
import { EXIT, UsageError, type ExitCode } from './errors';
import { addBulk } from './bulk-program';
import { addEval } from './eval-program';
import { addGuards } from './guards-program';
import { addIoc } from './ioc-program';
import { addKeys } from './keys-program';
import { seconds } from './options';
import { addRegroup } from './regroup-program';
import { addReport } from './report-program';
import { addRescore } from './rescore-program';
import type { Session } from './session';
import { addSite } from './site-program';
import { addSuppress } from './suppress-program';

/** Makes the session once `--json` is known. */
export type OpenSession = (options: { json: boolean }) => Session;

/**
 * Runs the command line.
 * @returns the exit code; what a command throws is thrown on
 */
export async function runProgram(argv: string[], open: OpenSession): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  const json = asksForJson(argv);
  const program = buildProgram(json, async (command, run) => {
    exitCode = await run(open({ json: command.optsWithGlobals<{ json?: boolean }>().json === true }));
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.ok;
    if (json) throw asUsageError(error);
    return EXIT.usage;
  }
  return exitCode;
}

/** Whether errors are wanted as JSON too: known before the command line has been understood. */
export function asksForJson(argv: string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? undefined : end).includes('--json');
}

function asUsageError({ code, message }: CommanderError): UsageError {
  const text = code === 'commander.help' ? 'A command is missing.' : message.replace(/^error: /, '');
  return new UsageError(text, 'Add --help for the commands and flags.');
}

export type Run = (command: Command, action: (session: Session) => Promise<ExitCode>) => Promise<void>;

function buildProgram(json: boolean, run: Run): Command {
  const program = new Command('soar')
    .description('SOAR Suite: submit alerts, follow their playbooks, read incidents.')
    .option('--json', 'machine output: JSON on standard output, an error as {"error": …} on standard error')
    .configureHelp({ showGlobalOptions: true, subcommandTerm: termOf })
    .showHelpAfterError('(add --help for the flags)')
    .exitOverride()
    .addHelpText('after', HELP);
  program.commandsGroup('Alerts:');
  addSubmitting(program, run);
  program.commandsGroup('Incidents:');
  addReading(program, run);
  addReport(program, run);
  addRetry(program, run);
  program.commandsGroup("The analyst's hand:");
  addActs(program, run);
  addNote(program, run);
  addRegroup(program, run);
  addSuppress(program, run);
  program.commandsGroup('Indicators:');
  addIoc(program, run);
  program.commandsGroup('Verdicts:');
  addRescore(program, run);
  addEval(program, run);
  addSite(program, run);
  addGuards(program, run);
  program.commandsGroup('Operating:');
  addOperating(program, run);
  addKeys(program, run);
  program.helpCommand('help [command]', 'what a command does, and its flags');
  for (const command of allOf(program)) {
    command.exitOverride();
    if (json) command.configureOutput({ writeErr: () => {} });
    if (command !== program) command.addOption(new Option('--json', 'machine output').hideHelp());
  }
  return program;
}

/** A command, and all below it. */
function allOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allOf)];
}

/** A command and what it needs; its flags are told by its own help. */
function termOf(command: Command): string {
  const names = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...names].join(' ');
}

function addSubmitting(program: Command, run: Run): void {
  const alert = program
    .command('alert')
    .description('submit one alert: its fields as flags, a file, or - for standard input')
    .argument('[file]', 'JSON file, or -')
    .option('-w, --wait', 'follow the run, step by step, to its verdict')
    .option('--timeout <seconds>', 'how long to wait', seconds, 300)
    .action((file: string | undefined, options: AlertOptions, command: Command) =>
      run(command, (session) => commands.alert().alertCommand(session, file, options)),
    );
  alertOptions().forEach((option) => alert.addOption(option));

  addBulk(program, run);

  program
    .command('parse')
    .description('show what the suite makes of alert files; needs no server')
    .argument('<file...>', 'files, or folders (their *.json, *.ndjson, *.jsonl)')
    .option('--format <name>', 'the format they are written in (default: found by their shape)')
    .action((files: string[], options: ParseOptions, command: Command) =>
      run(command, (session) => commands.parse().parseCommand(session, files, options)),
    );
}

function addReading(program: Command, run: Run): void {
  const incidents = program
    .command('incidents')
    .description('list incidents, newest first')
    .action((options: Record<string, unknown>, command: Command) =>
      run(command, (session) => commands.incidents().incidentsCommand(session, options)),
    );
  for (const [name, help] of Object.entries(INCIDENT_FILTERS)) {
    incidents.option(flagOf(name), help);
  }

  program
    .command('incident')
    .description('show one: verdict, why, what is missing, audit trail')
    .argument('<id>', 'INC-…')
    .option('--why', 'with every comparison that score and verdict were made of')
    .option('--notes', 'with every text that the notes have had')
    .option('--raw', 'with the raw documents, as JSON')
    .action((id: string, options: IncidentOptions, command: Command) =>
      run(command, (session) => commands.incident().incidentCommand(session, id, options)),
    );
}

function addNote(program: Command, run: Run): void {
  program
    .command('note')
    .description("add a line to an incident's notes")
    .argument('<id>', 'INC-…')
    .argument('<text...>', 'the note, or - for standard input')
    .option('--replace', 'replace the notes (the old ones stay in the audit trail)')
    .action((id: string, words: string[], options: { replace?: boolean }, command: Command) =>
      run(command, (session) => commands.note().noteCommand(session, id, words, options)),
    );
}

function addRetry(program: Command, run: Run): void {
  program
    .command('retry')
    .description('ask again what failed or waits, and judge it anew')
    .argument('<id>', 'INC-…')
    .option('--only <lookup...>', 'only these, as source/type:value, e.g. virustotal/ip:192.0.2.1')
    .option('-w, --wait', 'follow the run to its new verdict')
    .option('--timeout <seconds>', 'how long to wait', seconds, 300)
    .option('--idempotency-key <key>', 'names the request: asked for twice, it is done once')
    .action((id: string, options: RetryOptions, command: Command) =>
      run(command, (session) => commands.retry().retryCommand(session, id, options)),
    );
}

function addOperating(program: Command, run: Run): void {
  program
    .command('providers')
    .description('quotas of outside sources, and what waits for them')
    .action((_options: object, command: Command) =>
      run(command, (session) => commands.providers().providersCommand(session)),
    );

  const stats = program
    .command('stats')
    .description('how many incidents there were, how long they took, and what there is to do')
    .action((options: Record<string, unknown>, command: Command) =>
      run(command, (session) => commands.stats().statsCommand(session, options)),
    );
  for (const [name, help] of Object.entries(STATS_FILTERS)) stats.option(flagOf(name), help);

  addAudit(program, run);

  program
    .command('doctor')
    .description('check every part, and say how to mend it')
    .action((_options: object, command: Command) =>
      run(command, (session) => commands.doctor().doctorCommand(session)),
    );
}

const HELP = `
Examples:
  soar alert --source firewall --type brute_force --severity high \\
             --src-ip 185.220.101.1 --username administrator --wait
  soar bulk samples/alerts
  soar incidents --verdict malicious,suspicious
  soar close INC-7Q2M4X9K0T --as false_positive --reason 'known pentest'
  soar ioc lookup 185.220.101.1
  soar ioc import urlhaus.csv --source urlhaus
  soar providers

The API is the one that runs in this folder (npm start, npm run demo), or
SOAR_URL with SOAR_API_KEY. With --json an error is one line on standard error:
{"error": {"message", "hint", "exit_code", "problem"}}.
Exit codes: 0 done, 1 failed, 2 called wrongly.`;
