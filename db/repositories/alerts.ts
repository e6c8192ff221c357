import type { Knex, Transaction } from '../connect';
import { isDuplicateKey, isUnavailable } from '../errors';
import { sha256 } from '../hashes';
import { inLine } from '../in-line';
import { Alerts, Incidents } from '../models';
import type { AlertRow } from '../rows';
import { inTransaction } from '../transaction';
import type { ActionRepository } from './actions';
import { acceptedAs, hasExpired, identityOf } from './alert-rows';
import type { AcceptInput, Accepted } from './alert-rows';
import { fileTogether, keyHash } from './correlating';
import { openIncident, retire } from './filing';
import type { Filed, Filing } from './filing';
import { keepRaw } from './raw-documents';

export type { AcceptInput, Accepted } from './alert-rows';

export interface AlertRepository {
  /**
   * Commits an alert with an incident: its own, or, where it correlates, the one that is there. Or recognises it as submitted
   * before. However often and at once: one incident.
   */
  accept(input: AcceptInput): Promise<Accepted>;
  /** Keeps a document once before its many alerts are accepted, each with `originalKept`. */
  keepOriginal(document: Pick<AcceptInput, 'original' | 'mediaType' | 'receivedAt'>): Promise<void>;
}

const TRIES = 5;
/** Alerts of a storm that are committed together. */
const MOST_TOGETHER = 100;
const MOST_BYTES_TOGETHER = 4 * 1024 * 1024;

export function createAlertRepository(knex: Knex, actions: ActionRepository): AlertRepository {
  /** Alerts of a storm would wait for each other's locks: those of one key that come meanwhile go together. */
  const file = inLine<Filing, Filed | null>({
    work: (_key, filings) => inTransaction(knex, (trx) => fileAlike(trx, filings)),
    most: MOST_TOGETHER,
    weigh: ({ input }) => (input.originalKept ? (input.identityBody?.length ?? 0) : input.original.length),
    mostWeight: MOST_BYTES_TOGETHER,
    concernsAll: isUnavailable,
  });

  /** Looking first spares the common repetition a transaction; the unique key decides the race. */
  async function accept(input: AcceptInput): Promise<Accepted> {
    const identity = identityOf(input);
    for (let tries = 1; ; tries += 1) {
      const known = await Alerts.query(knex).findOne({ identity: identity.hash });
      if (known && !hasExpired(known, input.receivedAt)) return recognise(input, known);
      const filing = { input, identity, retired: known };
      try {
        const filed = input.correlation
          ? await file(keyHash(input.correlation).toString('hex'), filing)
          : await inTransaction(knex, (trx) => openAlone(trx, filing));
        if (filed) return acceptedAs(filed.alert, filed.incident, { duplicate: false, rouse: filed.rouse });
        if (tries === TRIES) throw new Error('An alert is known, and cannot be found');
      } catch (error) {
        // lost the race for the identity, or drew an id that is taken: look, and draw, again
        if (!isDuplicateKey(error) || tries === TRIES) throw error;
      }
    }
  }

  /** The same alert again. Another body under its id is a further sighting, kept with its original. */
  async function recognise(input: AcceptInput, known: AlertRow): Promise<Accepted> {
    const incident = await Incidents.query(knex).findById(known.incident_id).throwIfNotFound();
    const digest = sha256(input.original);
    if (!digest.equals(known.raw_sha256)) {
      await actions.finish({
        chain: known.incident_id,
        incidentId: known.incident_id,
        actionKey: `sighting/${known.id}/${digest.toString('hex')}`,
        action: 'sighting',
        status: 'ok',
        actor: input.actor,
        failures: 0,
        durationMs: 0,
        body: { summary: `${known.id} was submitted again with another body`, detail: { alert_id: known.id } },
        raw: { body: input.original, mediaType: input.mediaType },
        at: input.receivedAt,
      });
    }
    return acceptedAs(known, incident, { duplicate: true, rouse: false });
  }

  return {
    accept,
    keepOriginal: ({ original, mediaType, receivedAt }) => keepRaw(knex, { body: original, mediaType }, receivedAt),
  };
}

async function openAlone(trx: Transaction, filing: Filing): Promise<Filed | undefined> {
  if (filing.retired) await retire(trx, filing.retired);
  const { filed } = await openIncident(trx, [filing]);
  return filed[0];
}

function fileAlike(trx: Transaction, filings: readonly Filing[]): Promise<(Filed | null)[]> {
  const correlation = filings[0]?.input.correlation;
  if (!correlation) throw new Error('What has no key has no line to wait in');
  return fileTogether(trx, correlation, filings);
}
