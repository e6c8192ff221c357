/**
 * What a storm costs: `npm run measure:storm -- [ALERTS] [AT ONCE]`, with the database server of the tests
 * (`TEST_DATABASE_URL`). Accepts alerts of one story, alerts of a story each, and alerts without one; then reads the storm as
 * a round does.
 */
import type { AcceptInput } from '../../db/store';
import { shift } from '../../db/time';
import { correlationOf } from '../../domain/correlation';
import { extractObservables } from '../../domain/observables';
import { playbookFor } from '../../domain/playbooks';
import { DEFAULT_SITE } from '../../domain/site';
import { createTestDatabase } from '../support/database';
import { atOnce, NOW, submission } from './fixtures';

const WINDOW_MS = 2 * 3_600_000;
const STORM = '26.0.0.1';

/** Each says something else, so that none stands for another. */
function alertOf(name: string, src_ip: string, number: number): AcceptInput {
  const base = submission(`${name}-${number}`);
  const raw_log = `sshd: Failed password for user${number} from ${src_ip} port ${number} ssh2`;
  const alert = { ...base.alert, src_ip, username: `user${number % 150}`, failed_attempts: number, raw_log };
  return {
    ...base,
    alert: { ...alert, timestamp: shift(NOW, number) },
    observables: extractObservables(alert, DEFAULT_SITE),
    original: Buffer.from(JSON.stringify(alert)),
    receivedAt: shift(NOW, WINDOW_MS),
    correlation: correlationOf(alert, DEFAULT_SITE, WINDOW_MS),
  };
}

async function main(count: number, together: number): Promise<void> {
  const database = await createTestDatabase();
  const { knex, store } = database;
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  let statements = 0;
  knex.on('query', () => (statements += 1));

  async function accept(name: string, inputOf: (number: number) => AcceptInput): Promise<void> {
    let next = 0;
    const [startedAt, cpu, before] = [Date.now(), process.cpuUsage(), statements];
    await atOnce(together, async () => {
      while (next < count) await store.alerts.accept(inputOf((next += 1)));
    });
    const [ms, { user, system }] = [Date.now() - startedAt, process.cpuUsage(cpu)];
    const each = (number: number) => (number / count).toFixed(2);
    say(
      `${name}: ${count} alerts, ${together} at once: ${ms} ms (${Math.round((count / ms) * 1000)} a second), ` +
        `${each(statements - before)} statements and ${each((user + system) / 1000)} ms of our CPU each`,
    );
  }

  async function time<T>(name: string, work: () => Promise<T> | T): Promise<T> {
    const startedAt = Date.now();
    const result = await work();
    say(`${name}: ${Date.now() - startedAt} ms`);
    return result;
  }

  await accept('one story', (number) => alertOf('storm', STORM, number));
  await accept('a story each', (number) => alertOf('own', `26.1.${number >> 8}.${number & 255}`, number));
  await accept('no story', (number) => ({ ...alertOf('none', STORM, number), correlation: null }));

  const rows: { id: string }[] = await knex('incidents').orderBy('alert_count', 'desc').limit(1).select('id');
  const id = rows[0]?.id ?? '';
  const facts = await time('read as rules look at it', () => store.incidents.caseOf(id));
  say(`  ${facts.incident.alert_count} alerts, ${facts.alerts.length} that say something else`);
  const { alerts, observables } = facts;
  await time('signals of the playbook', () =>
    playbookFor('brute_force').signals({
      ...{ alerts, observables, findings: [], told: [], earlier: [], site: DEFAULT_SITE, now: NOW },
    }),
  );
  const view = await time('read as it is shown', () => store.incidents.view(id));
  say(`  ${JSON.stringify(view).length} bytes; the process has ${Math.round(process.memoryUsage().rss / 1e6)} MB`);
  await database.drop();
}

const [count = 2000, together = 100] = process.argv.slice(2).map(Number);
main(count, together).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
