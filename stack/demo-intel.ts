import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSettled } from '../cli/follow';
import type { IocImport } from '../cli/ioc-client';
import { PROJECT_ROOT } from '../config/home';
import { alertAbout, awaitIncident, LOOK_MS, VERDICT_WITHIN_MS } from './demo-stage';
import type { ActResult, Stage } from './demo-stage';

const FILE = join(PROJECT_ROOT, 'samples', 'intel', 'sharing-group.csv');
const SOURCE = 'sharing-group';
/** It stands in the file; no provider knows it. */
const SHARED = '62.113.203.80';

/** What the IOC database does for a verdict. */
export const INTEL_ACTS = [importAct];

async function importAct(stage: Stage): Promise<ActResult> {
  const { client, signal } = stage;
  const { id: importId } = await client.iocs.import({
    bytes: () => createReadStream(FILE),
    query: { source: SOURCE, file_name: 'sharing-group.csv' },
    signal,
  });
  const { state, counts } = await awaitImport(stage, importId);
  const { incident_id: id } = await client.submit({ body: alertAbout(SHARED, 'demo-shared', {}), signal });
  const { verdict, signals } = await awaitIncident(stage, id, isSettled);
  const match = signals.find(({ name }) => name === 'ioc_match');
  const kept = counts.added + counts.updated + counts.unchanged;
  return {
    incidentId: id,
    what: `An address that nobody knows but a list imported just now (${importId}, source ${SOURCE})`,
    before: `${kept} kept, ${counts.flagged} of them flagged, ${counts.refused} refused`,
    after: `${verdict}: ${match?.sentence ?? 'not found in the list'}`,
    ok: state === 'done' && verdict === 'malicious' && match !== undefined,
  };
}

async function awaitImport({ client, signal }: Stage, id: string): Promise<IocImport> {
  const deadline = Date.now() + VERDICT_WITHIN_MS;
  for (;;) {
    const job = await client.iocs.importJob(id, signal);
    if (job.state === 'done' || job.state === 'failed' || Date.now() > deadline) return job;
    await sleep(LOOK_MS, undefined, { signal });
  }
}
