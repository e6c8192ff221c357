import type { QuotaLimit } from '../../domain/quota';
import type { Clock } from '../clock';
import type { Knex } from '../connect';
import { Quotas } from '../models';
import type { ProviderProfile } from '../rows';
import { inTransaction } from '../transaction';
import { admit } from './admission';
import type { Admission, AdmitInput, Ticket } from './admission';
import { nudgeAll, recall } from './nudge';
import type { Nudged } from './nudge';
import { afterRegistration } from './provider-standing';
import { providerStatus } from './provider-status';
import type { ProviderStatus } from './provider-status';
import { lockQuota } from './quota-rows';
import { settle } from './settling';
import type { Settled, Settlement } from './settling';

export type { ProviderProfile } from '../rows';
export type { Admission, AdmitInput, Ticket } from './admission';
export type { Nudged } from './nudge';
export type { ProviderStatus } from './provider-status';
export type { Settlement } from './settling';

/**
 * What may be sent to providers outside, and when. The database's clock rules, and the provider's row in `quotas` is the
 * one lock under which requests are allowed and settled, by however many processes.
 */
export interface QuotaRepository {
  /**
   * Says what a provider is and allows, at the start of each worker. A changed key lifts what the old one brought on.
   * @returns true when it was set up before, and is not any more
   */
  register(profile: ProviderProfile): Promise<boolean>;
  /** Forgets the registration of sources that are not asked outside (any more). */
  retire(providers: readonly string[]): Promise<void>;
  /**
   * Asks for leave to send one request; what the others know already, or will know soon, is not asked again. Slots go by
   * severity, then age: nobody gets one while as many better-placed incidents wait as there are slots.
   * @throws NoSuchIncidentError
   */
  admit(input: AdmitInput): Promise<Admission>;
  /** Tells how the request ended; frees its slot, keeps its answer. Repeated, it changes nothing. */
  settle(ticket: Ticket, limits: readonly QuotaLimit[], settlement: Settlement): Promise<Settled>;
  /** Every registered provider, by name. */
  status(): Promise<ProviderStatus[]>;
  /** Chooses the waiting lookups whose runs are to be told that they may ask now, and notes that they are told. */
  nudge(): Promise<Nudged[]>;
  /** Takes back that these were told: nobody could be reached. */
  recall(nudged: readonly Nudged[]): Promise<void>;
}

export function createQuotaRepository(knex: Knex, options: { clock?: Clock } = {}): QuotaRepository {
  const { clock } = options;
  return {
    register(profile) {
      return inTransaction(knex, async (trx) => {
        const { row } = await lockQuota(trx, profile.name, { clock });
        await Quotas.query(trx)
          .findById(profile.name)
          .patch({ ...afterRegistration(row, profile), profile });
        return row.profile?.configured === true && !profile.configured;
      });
    },
    async retire(providers) {
      await knex('quotas')
        .whereIn('provider', [...providers])
        .update({ profile: null });
    },
    admit: (input) => admit(knex, input, clock),
    settle: (ticket, limits, settlement) => settle(knex, { ticket, limits, settlement }, clock),
    status: () => providerStatus(knex, clock),
    nudge: () => nudgeAll(knex, clock),
    recall: (nudged) => recall(knex, nudged),
  };
}
