import assert from 'node:assert/strict';
import { after, before, beforeEach } from 'node:test';
import type { Admission, AdmitInput, QuotaRepository, Settlement, Ticket } from '../../db/repositories/quotas';
import { createQuotaRepository } from '../../db/repositories/quotas';
import type { ProviderProfile } from '../../db/repositories/quotas';
import type { ProviderStatus } from '../../db/repositories/provider-status';
import { shift } from '../../db/time';
import type { ObservableId } from '../../domain/observable';
import type { QuotaLimit } from '../../domain/quota';
import type { Severity } from '../../domain/severity';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { submission } from './fixtures';

export const FOUR_A_MINUTE = { name: 'minute', requests: 4, ms: 60_000 };
const START = '2026-11-23T12:00:00.000000Z';

export interface WaiterOf {
  incidentId: string;
  observable: ObservableId;
}

export type QuotaBench = Awaited<ReturnType<typeof createQuotaBench>>;

/** For a group of tests: a database for all of them, and for each of them a bench of its own, handed over before it. */
export function withQuotaBench(
  take: (given: { database: TestDatabase; bench: QuotaBench }) => void | Promise<void>,
): void {
  let database: TestDatabase;
  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());
  beforeEach(async () => take({ database, bench: await createQuotaBench(database) }));
}

let count = 0;

/** A provider of its own, a clock that stands still, and incidents that ask and wait. */
export async function createQuotaBench(database: TestDatabase, options: { real?: boolean } = {}) {
  const { store, knex } = database;
  const name = `oracle${(count += 1)}`;
  let passedMs = 0;
  const clock = (): Date => new Date(Date.parse(START) + passedMs);
  const quotas: QuotaRepository = createQuotaRepository(knex, options.real ? {} : { clock });
  const present = (): string => (options.real ? new Date() : clock()).toISOString();

  const incident = async (severity: Severity = 'medium', alert = `alert ${(count += 1)}`): Promise<string> => {
    const { alert: fields, ...rest } = submission(`${name} ${alert}`);
    const { incidentId } = await store.alerts.accept({ ...rest, alert: { ...fields, severity } });
    return incidentId;
  };
  const first = await incident();

  const input = (observable: ObservableId, changes: Partial<AdmitInput> = {}): AdmitInput => ({
    ...{ provider: name, limits: [FOUR_A_MINUTE], credential: 'key', observable, incidentId: first, leaseMs: 30_000 },
    ...changes,
  });
  const admit = (observable: ObservableId, changes: Partial<AdmitInput> = {}): Promise<Admission> =>
    quotas.admit(input(observable, changes));
  const write = ({ incidentId, observable }: WaiterOf, state: 'waiting' | 'ok'): Promise<void> =>
    knex.transaction((trx) =>
      store.enrichments.upsert(trx, incidentId, {
        ...{ source: name, observable, actionKey: `1/${name}/${observable}`, state, summary: state },
        ...{ until: state === 'waiting' ? present() : null, facts: null, at: present() },
      }),
    );

  return {
    quotas,
    clock,
    incident,
    input,
    admit,
    provider: () => name,
    /** So many ms from now. */
    at: (ms: number): string => shift(clock().toISOString(), ms),
    pass(ms: number): void {
      passedMs += ms;
    },
    /** Asks for leave, and fails when it is not given. */
    async ask(observable: ObservableId, changes: Partial<AdmitInput> = {}): Promise<Ticket> {
      const admission = await admit(observable, changes);
      assert.ok(admission.kind === 'go', JSON.stringify(admission));
      return admission.ticket;
    },
    settle: (ticket: Ticket, settlement: Settlement, limits: readonly QuotaLimit[] = [FOUR_A_MINUTE]) =>
      quotas.settle(ticket, limits, settlement),
    /** An incident of that severity that waits for the observable. */
    async wait(severity: Severity, observable: ObservableId = `ip:198.18.${(count += 1) >> 8}.${count & 255}`) {
      const waiter = { incidentId: await incident(severity), observable };
      await write(waiter, 'waiting');
      return { ...waiter, severity };
    },
    refuse: (waiter: WaiterOf) => write(waiter, 'waiting'),
    answered: (waiter: WaiterOf) => write(waiter, 'ok'),
    enrichment: ({ incidentId, observable }: WaiterOf) =>
      knex('enrichments').where({ incident_id: incidentId, source: name, observable }).first(),
    /** Severities of those that were told, in the order of the choice. */
    async nudge(): Promise<Severity[]> {
      const severities = (await quotas.nudge())
        .filter(({ source }) => source === name)
        .map(async ({ incidentId }) => (await store.incidents.require(incidentId)).severity);
      return Promise.all(severities);
    },
    async register(changes: Partial<ProviderProfile> = {}): Promise<void> {
      await quotas.register({
        ...{ name, title: 'Oracle', where: 'outside', looksUp: ['ip'], limits: [FOUR_A_MINUTE] },
        ...{ configured: true, setting: 'ORACLE_KEY', credential: 'key' },
        ...changes,
      });
    },
    async status(): Promise<ProviderStatus> {
      const found = (await quotas.status()).find((status) => status.name === name);
      assert.ok(found);
      return found;
    },
    row: () => knex('quotas').where({ provider: name }).first(),
  };
}
