import { loadCliEnv } from '../config/cli';
import { CliError, EXIT } from './errors';
import { createOutput } from './output';
import { failureLines } from './problems';
import { runProgram } from './program';
import { createSession } from './session';

// `soar incidents | head` closes our standard output: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.ok);
});

async function main(): Promise<void> {
  const { stdout, stderr, stdin } = process;
  try {
    process.exitCode = await runProgram(process.argv.slice(2), ({ json }) =>
      createSession(loadCliEnv(), createOutput({ stdout, stderr }, { json }), stdin),
    );
  } catch (error) {
    const [first = '', ...more] = failureLines(error);
    stderr.write([`soar: ${first}`, ...more].join('\n') + '\n');
    process.exitCode = error instanceof CliError ? error.exitCode : EXIT.failure;
  }
}

void main();
