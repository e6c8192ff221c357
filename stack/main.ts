import { once } from 'node:events';
import { printNextSteps, runActs, runSamples } from './demo';
import { runSuite } from './run';

const USAGE = `Usage: npm start                      the suite with real providers, until Ctrl-C
       npm run demo [-- --exit]       the suite with simulated providers and all samples
       npm test [-- tier ...]         every check and test
       npm run bench [-- --quick]     how fast it is, and where the time goes
`;

async function stopped(stopping: AbortSignal): Promise<number> {
  if (!stopping.aborted) await once(stopping, 'abort');
  return 0;
}

async function main(): Promise<number> {
  const [command, ...options] = process.argv.slice(2);
  switch (command) {
    case 'start':
      return runSuite('start', (_suite, stopping) => stopped(stopping));
    case 'demo':
      return runSuite('demo', async (suite, stopping) => {
        const passed = [await runSamples(suite, stopping), await runActs(suite, stopping)].every(Boolean);
        if (options.includes('--exit')) return passed ? 0 : 1;
        printNextSteps(suite);
        return stopped(stopping);
      });
    default:
      process.stderr.write(USAGE);
      return 2;
  }
}

void main().then((code) => process.exit(code));
