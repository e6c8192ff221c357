import { loadavg } from 'node:os';
import { connect, ensureDatabase } from '../../db/connect';
import type { Knex } from '../../db/connect';
import { migrate } from '../../db/migrate';
import { createStore } from '../../db/store';
import { startPrivateMysql } from '../../stack/mysql';
import type { OpenStack } from '../../stack/open';
import { machine, runBenchmark } from '../program';
import { shown } from '../table';
import { measureImport } from './import';
import { compareLookups, lookupsAtOnce, singleInserts } from './measure';
import { parseIocOptions } from './options';
import type { IocOptions, IocPlan } from './options';
import { renderIocResults } from './results';
import type { IocResults } from './results';

interface Databases {
  many: { url: string; knex: Knex };
  few: { url: string; knex: Knex };
}

/** Two databases on one private server, which is as durable as that of `npm start`. */
async function openDatabases(stack: OpenStack): Promise<Databases> {
  return stack.progress.step('MySQL', async (report) => {
    const url = await startPrivateMysql(stack, 'soar', report);
    const [many, few] = await Promise.all(
      ['soar_many', 'soar_few'].map(async (name) => {
        const own = new URL(url);
        own.pathname = `/${name}`;
        await ensureDatabase(own.toString());
        // as many connections as the API has
        const knex = connect(own.toString());
        stack.atClose(() => void knex.destroy());
        await migrate(knex);
        return { url: own.toString(), knex };
      }),
    );
    if (!many || !few) throw new Error('no database');
    return { many, few };
  });
}

async function measure(stack: OpenStack, plan: IocPlan, signal: AbortSignal): Promise<IocResults> {
  const { progress } = stack;
  const loadAtStart = loadavg()[0] ?? 0;
  const { many, few } = await openDatabases(stack);
  const [manyIocs, fewIocs] = [many, few].map(({ knex }) => createStore(knex).iocs);
  if (!manyIocs || !fewIocs) throw new Error('no store');
  await progress.step(`${plan.few} entries to compare with`, () =>
    measureImport({ databaseUrl: few.url, source: 'few', from: 0, count: plan.few }, { signal }),
  );
  let next = plan.entries * 5;
  const single = (): Promise<number> =>
    progress.step(`${plan.single} lines, written one by one`, async (report) => {
      const perSecond = await singleInserts(few.knex, next, plan.single);
      next += plan.single;
      report(`${shown(perSecond)} a second`);
      return perSecond;
    });
  const before = await single();
  const imported = await progress.step(`Import of ${plan.entries}`, async (report) => {
    const order = { databaseUrl: many.url, source: 'many', from: 0, count: plan.entries };
    const measured = await measureImport(order, { signal, onProgress: (done) => report(String(done)) });
    const perSecond = (plan.entries / measured.importedMs) * 1000;
    report(`${shown(perSecond)} a second`);
    return { ...measured, perSecond };
  });
  // the quicker of both: the machine may have had other things to do
  const singlePerSecond = Math.max(before, await single());
  const inMany = { iocs: manyIocs, entries: plan.entries };
  const [fewLatency, manyLatency] = await progress.step(`${plan.lookups} lookups in each`, () =>
    compareLookups([{ iocs: fewIocs, entries: plan.few }, inMany], plan.lookups),
  );
  if (!fewLatency || !manyLatency) throw new Error('nothing was looked up');
  const idle = await progress.step(`${plan.atOnce} lookups at once`, () =>
    lookupsAtOnce(inMany, plan.atOnce, (round) => round < plan.rounds),
  );
  const importing = await progress.step(`${plan.atOnce} lookups at once, beside an import`, async () => {
    const order = { databaseUrl: many.url, source: 'beside', from: plan.entries * 2, count: plan.entries / 5 };
    let begun = false;
    let over = false;
    const beside = measureImport(order, { signal, onProgress: () => void (begun = true) }).finally(() => (over = true));
    while (!begun && !over) await new Promise((resolve) => setTimeout(resolve, 50));
    const latency = await lookupsAtOnce(inMany, plan.atOnce, () => !over);
    await beside;
    return latency;
  });
  return {
    ...{ at: new Date().toISOString(), machine: { ...machine(), loadAtStart }, plan, singlePerSecond },
    ...{ import: imported, lookup: { few: fewLatency, many: manyLatency }, atOnce: { idle, importing } },
  };
}

void runBenchmark<IocOptions, IocResults>({
  parse: parseIocOptions,
  measure: (stack, { plan }, signal) => measure(stack, plan, signal),
  render: renderIocResults,
  file: 'ioc-results.json',
});
