import { loadCliEnv } from '../config/cli';
import { EXIT } from './errors';
import { createOutput } from './output';
import { exitCodeOf, failureData, failureLines } from './problems';
import { asksForJson, runProgram } from './program';
import { createSession } from './session';

// `soar incidents | head` closes our standard output: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.ok);
});

async function main(): Promise<void> {
  const { stdout, stderr, stdin } = process;
  const argv = process.argv.slice(2);
  try {
    process.exitCode = await runProgram(argv, ({ json }) => {
      const env = loadCliEnv();
      return createSession(env, createOutput({ stdout, stderr }, { json, columns: env.columns }), stdin);
    });
  } catch (error) {
    const [first = '', ...more] = failureLines(error);
    const text = asksForJson(argv) ? JSON.stringify(failureData(error)) : [`soar: ${first}`, ...more].join('\n');
    stderr.write(`${text}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

void main();
