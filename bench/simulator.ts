import { loadCatalogue } from '../stack/simulator/catalogue';
import type { VirusTotalEntry } from '../stack/simulator/catalogue';
import { startSimulator } from '../stack/simulator/server';
import { addressOf, MOST_ALERTS } from './alerts';

/** Every address of the benchmark, known as clean: answers have the size that VirusTotal's have. */
function cleanAddresses(): VirusTotalEntry[] {
  return Array.from({ length: MOST_ALERTS }, (_, number) => ({
    type: 'ip_address',
    id: addressOf(number),
    unknown: false,
    malicious: 0,
    suspicious: 0,
    engines: 91,
    reputation: 0,
    tags: [],
    analysed_days_ago: 1,
    country: 'US',
    asn: 64511,
    as_owner: 'Example Carrier',
  }));
}

/** `simulator.ts [PORT]`: the provider simulator, which also knows the addresses of the benchmark. */
async function main(): Promise<void> {
  const simulator = await startSimulator({
    port: Number(process.argv[2] ?? 0),
    catalogue: { ...loadCatalogue(), virustotal: cleanAddresses() },
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void simulator.close());
  process.stdout.write(`simulator ready ${simulator.url}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
