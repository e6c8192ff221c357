import type { ServerResponse } from 'node:http';
import { feedScheduleId, IMPORT_WORKFLOW, POLL_WORKFLOW } from '../../domain/names';
import { addresses, importThat, received } from '../support/imports';
import { startReceiver } from '../support/receiver';
import type { TestSystem } from '../support/system';
import { until } from '../support/until';

type Scenario = (system: TestSystem) => Promise<string>;

async function over(system: TestSystem, id: string): Promise<string> {
  await system.client.workflow
    .getHandle(id)
    .result()
    .catch(() => {});
  return id;
}

async function imported(system: TestSystem, text: string): Promise<string> {
  const { id } = await received(system, text);
  await system.gateway.importIocs({ id, requestedBy: 'ann' });
  return id;
}

const done: Scenario = async (system) => over(system, await imported(system, `${addresses(20, 0)}not an indicator\n`));

const cancelled: Scenario = async (system) => {
  const id = await imported(system, addresses(60_000, 1));
  await importThat(system, id, ({ position }) => position > 0);
  await system.client.workflow.getHandle(id).cancel();
  return over(system, id);
};

/** The last of so many polls of a feed whose server answers so. */
const polled =
  (answer: (response: ServerResponse) => void, times = 1): Scenario =>
  async (system) => {
    const server = await startReceiver(answer);
    const feed = { url: `${server.url}/list.txt`, format: null, columns: null, every_seconds: 3600, paused: true };
    const settings = { reliability: 'B', confidence: 80, tlp: null, expires_after_days: null } as const;
    const by = { actor: 'ann', at: new Date().toISOString() };
    const source = `feed ${server.url}`;
    await system.store.iocSources.put(source, { ...settings, tags: [], description: null, feed }, by);
    const schedule = system.client.schedule.getHandle(feedScheduleId(source));
    let id = '';
    for (let count = 1; count <= times; count += 1) {
      await until('the schedule', async () => schedule.describe().catch(() => undefined));
      await system.gateway.pollFeed(source);
      id = await until('the poll', async () => {
        const { info } = await schedule.describe();
        return info.numActionsTaken === count ? info.recentActions.at(-1)?.action.workflow.workflowId : undefined;
      });
      await over(system, id);
    }
    await system.store.iocSources.remove(source, by);
    await server.close();
    return id;
  };

const LIST = '45.77.1.1\n45.77.1.2\n';

/** Scenarios of what is no incident, by the name of the history. */
export const INTEL: Readonly<Record<string, Scenario>> = {
  [`${IMPORT_WORKFLOW}-done`]: done,
  [`${IMPORT_WORKFLOW}-cancelled`]: cancelled,
  [`${POLL_WORKFLOW}-imported`]: polled((response) => void response.writeHead(200, { etag: '"1"' }).end(LIST)),
  [`${POLL_WORKFLOW}-not-modified`]: polled((response) => void response.writeHead(200).end(LIST), 2),
  [`${POLL_WORKFLOW}-failed`]: polled((response) => void response.writeHead(404).end()),
  [`${POLL_WORKFLOW}-unreadable`]: polled((response) => void response.writeHead(200).end('{"not": "known"}')),
};
