import { Argument, Option, type Command } from 'commander';
import { RESOLUTIONS_BY_HAND, type ByHand } from '../domain/acts';
import { ALERT_TYPES, type AlertType } from '../domain/alert';
import { SEVERITIES, type Severity } from '../domain/severity';
import { VERDICTS, type Verdict } from '../domain/verdict';
import type { ActOptions, HoldOptions, ReclassifyOptions } from './commands/acts';
import { commands } from './commands/load';
import { instant, seconds, span, version } from './options';
import type { Run } from './program';

/** What an analyst does with an incident: `soar ack`, `soar close` … */
export function addActs(program: Command, run: Run): void {
  addStatuses(program, run);
  addCorrections(program, run);
}

function addStatuses(program: Command, run: Run): void {
  act(program, 'ack', 'take it up').action((id: string, options: ActOptions, command: Command) =>
    run(command, (session) => commands.acts().actCommand(session, id, { status: 'acknowledged' }, options)),
  );

  act(program, 'hold', 'let it rest for a while; then it goes on by itself', { needsReason: true })
    .option('--until <time>', 'until when, RFC 3339; UTC where no zone is given', instant)
    .option('--for <duration>', 'for how long, such as 90m, 4h or 3d', span)
    .action((id: string, options: HoldOptions, command: Command) =>
      run(command, (session) => commands.acts().holdCommand(session, id, options)),
    );

  act(program, 'resume', 'end its hold').action((id: string, options: ActOptions, command: Command) =>
    run(command, (session) => commands.acts().resumeCommand(session, id, options)),
  );

  const as = new Option('--as <resolution>', 'what it was').choices(RESOLUTIONS_BY_HAND).makeOptionMandatory();
  act(program, 'close', 'close it')
    .addOption(as)
    .action((id: string, options: ActOptions & { as: ByHand }, command: Command) =>
      run(command, (session) =>
        commands.acts().actCommand(session, id, { status: 'closed', resolution: options.as }, options),
      ),
    );

  act(program, 'reopen', 'open a closed one again').action((id: string, options: ActOptions, command: Command) =>
    run(command, (session) => commands.acts().actCommand(session, id, { status: 'open' }, options)),
  );

  act(program, 'assign', 'say whose it is')
    .argument('[name]', 'to whom')
    .option('--nobody', 'take its assignee away')
    .action((id: string, name: string | undefined, options: ActOptions & { nobody?: boolean }, command: Command) =>
      run(command, (session) => commands.acts().assignCommand(session, id, name, options)),
    );
}

function addCorrections(program: Command, run: Run): void {
  act(program, 'override', "put a verdict in force instead of the machine's", { needsReason: true })
    .addArgument(new Argument('<verdict>').choices(VERDICTS))
    .action((id: string, verdict: Verdict, options: ActOptions, command: Command) =>
      run(command, (session) => commands.acts().actCommand(session, id, { verdict }, options)),
    );

  act(program, 'severity', 'set its severity, which then stays')
    .addArgument(new Argument('<severity>').choices(SEVERITIES))
    .action((id: string, severity: Severity, options: ActOptions, command: Command) =>
      run(command, (session) => commands.acts().actCommand(session, id, { severity }, options)),
    );

  act(program, 'reclassify', 'give it to the playbook of another type')
    .addArgument(new Argument('<type>').choices(ALERT_TYPES))
    .option('-w, --wait', 'follow the run to its new verdict')
    .option('--timeout <seconds>', 'how long to wait', seconds, 300)
    .action((id: string, type: AlertType, options: ReclassifyOptions, command: Command) =>
      run(command, (session) => commands.acts().reclassifyCommand(session, id, type, options)),
    );
}

/** A command on one incident, with what all of these may be told. */
function act(program: Command, name: string, description: string, { needsReason = false } = {}): Command {
  return program
    .command(name)
    .description(description)
    .argument('<id>', 'INC-…')
    .addOption(new Option('--reason <text>', 'why; it stands in the audit').makeOptionMandatory(needsReason))
    .option('--if-version <n>', 'only if it is at this version still', version)
    .option('--idempotency-key <key>', 'names the request: asked for twice, it is done once');
}
