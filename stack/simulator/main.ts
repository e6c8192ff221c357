import { REAL_LIMITS } from './limits';
import { startSimulator } from './server';

/** `main.ts [PORT] [--limits]`: runs the simulator until it is told to stop; with the limits of the real services' free plans. */
async function main(): Promise<void> {
  const [given = '0', option] = process.argv.slice(2);
  const port = Number(given);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`Not a port: ${given}`);
  if (option !== undefined && option !== '--limits') throw new Error(`Not an option: ${option}`);
  const simulator = await startSimulator({ port, limits: option === '--limits' ? REAL_LIMITS : {} });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void simulator.close());
  process.stdout.write(`simulator ready ${simulator.url}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
