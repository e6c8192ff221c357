import type { Command } from 'commander';
import type { AuditShowOptions } from './commands/audit';
import { commands } from './commands/load';
import { rowNumber, wholeNumber } from './options';
import type { Run } from './program';

/** `soar audit`. */
export function addAudit(program: Command, run: Run): void {
  const audit = program.command('audit').description('the audit trail; works on the database itself');
  audit
    .command('verify')
    .description('check the hash chains: changed rows, gaps, cut tails')
    .argument('[id]', 'INC-…, or system; all chains when left out')
    .action((id: string | undefined, _options: object, command: Command) =>
      run(command, (session) => commands.audit().auditVerifyCommand(session, id)),
    );
  audit
    .command('show')
    .description('who did what and when, the newest last')
    .argument('[id]', 'INC-…, or system: what belongs to no incident', 'system')
    .option('--limit <rows>', 'how many', wholeNumber, 50)
    .option('--after <seq>', 'those that follow this row; the last ones when left out', rowNumber)
    .action((id: string, options: AuditShowOptions, command: Command) =>
      run(command, (session) => commands.audit().auditShowCommand(session, id, options)),
    );
}
