import { startSimulator } from './server';

/** `main.ts [PORT]`: runs the simulator until its standard input ends, so that it never outlives the process that started it. */
async function main(): Promise<void> {
  const port = Number(process.argv[2] ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`Not a port: ${process.argv[2]}`);
  const simulator = await startSimulator({ port });
  process.stdin.resume();
  process.stdin.once('end', () => void simulator.close().then(() => process.exit(0)));
  process.stdout.write(`simulator ready ${simulator.url}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
