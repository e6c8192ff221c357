import type { EarlierIncident } from '../../domain/earlier';
import type { Finding } from '../../domain/enrichment';
import type { Observable } from '../../domain/observable';
import type { CaseAlert } from '../../domain/playbook';
import { appendActions, deed, lockChain } from '../audit-chain';
import type { Knex, Transaction } from '../connect';
import { NoSuchIncidentError } from '../errors';
import { Alerts, Incidents, Observables } from '../models';
import type { IncidentRow } from '../rows';
import { shift } from '../time';
import { inTransaction } from '../transaction';
import type { AlertView, IncidentListItem, IncidentQuery, IncidentView } from '../views';
import { caseAlerts } from './case-alerts';
import { earlierIncidents } from './earlier';
import type { EnrichmentRepository } from './enrichments';
import { listIncidents } from './incident-list';
import { listAlerts, viewIncident } from './incident-view';

/** All that planning, scoring and deciding look at. */
export interface Case {
  incident: IncidentRow;
  /** Oldest first; those that say the same stand there once. */
  alerts: CaseAlert[];
  observables: Observable[];
  findings: Finding[];
}

export interface IncidentRepository {
  get(id: string, trx?: Transaction): Promise<IncidentRow | undefined>;
  /** As {@link get}. @throws NoSuchIncidentError */
  require(id: string): Promise<IncidentRow>;
  /** The incident whole, as the API shows it; originals only with `includeRaw`. */
  view(id: string, options?: { includeRaw?: boolean; trx?: Transaction }): Promise<IncidentView | undefined>;
  /** All its alerts, oldest first, page by page. @throws InvalidCursorError */
  alerts(
    id: string,
    page: { limit: number; cursor?: string },
  ): Promise<{ items: AlertView[]; nextCursor: string | null }>;
  /** @throws InvalidCursorError when the cursor belongs to another sort */
  list(query: IncidentQuery): Promise<{ items: IncidentListItem[]; nextCursor: string | null }>;
  /**
   * Takes the incident for a run: raises `run_no`, and with it shuts out any earlier run. The same claimer gets the same
   * claim again.
   */
  claim(id: string, claimedBy: string, at: string): Promise<IncidentRow | undefined>;
  /** @param trx in which the incident is locked, where nothing may change between reading and writing */
  caseOf(id: string, trx?: Transaction): Promise<Case>;
  /** Other incidents of the day before that share a host, user, source, sender or file; the latest first. */
  earlier(incident: Pick<IncidentRow, 'id' | 'first_seen' | 'last_seen'>): Promise<EarlierIncident[]>;
  /** Alerts that no round has looked at yet. */
  unprocessed(id: string): Promise<string[]>;
  /** Notes, under the incident's lock, what a round has looked at. @returns how many alerts no round has looked at yet */
  markProcessed(trx: Transaction, id: string, alertIds: readonly string[]): Promise<number>;
}

/** Until the reconciler looks at a claimed incident for the first time. */
const ROUTINE_CHECK_MS = 60_000;

export function createIncidentRepository(knex: Knex, enrichments: EnrichmentRepository): IncidentRepository {
  async function get(id: string, trx?: Transaction): Promise<IncidentRow | undefined> {
    const row = await Incidents.query(trx ?? knex).findById(id);
    return row?.toJSON();
  }

  async function require(id: string, trx?: Transaction): Promise<IncidentRow> {
    const row = await get(id, trx);
    if (!row) throw new NoSuchIncidentError(id);
    return row;
  }

  return {
    get,
    require: (id) => require(id),
    view: (id, { trx, ...options } = {}) => viewIncident(trx ?? knex, id, options),
    alerts: (id, page) => listAlerts(knex, id, page),
    list: (query) => listIncidents(knex, query),

    claim: (id, claimedBy, at) =>
      inTransaction(knex, async (trx) => {
        const chain = await lockChain(trx, id);
        if (!chain?.incident || chain.incident.claimed_by === claimedBy) return chain?.incident;
        const { incident } = chain;
        const run_no = incident.run_no + 1;
        const status = incident.status === 'new' ? 'investigating' : incident.status;
        const next_check_at = status === 'closed' ? incident.next_check_at : shift(at, ROUTINE_CHECK_MS);
        const changes = { run_no, claimed_by: claimedBy, status, next_check_at };
        const row = deed({
          ...{ incident_id: id, action_key: `claim/${run_no}`, at, action: 'claim', actor: 'playbook' },
          summary: run_no === 1 ? 'The playbook takes the incident' : `Run ${run_no} takes the incident over`,
          detail: { run_no, claimed_by: claimedBy, previous: incident.claimed_by, version: incident.version + 1 },
          workflow_run_id: claimedBy,
        });
        await appendActions(trx, chain, [row], changes);
        return { ...incident, ...changes };
      }),

    async caseOf(id, trx) {
      const [incident, alerts, observables, findings] = await Promise.all([
        require(id, trx),
        caseAlerts(trx ?? knex, id),
        Observables.query(trx ?? knex)
          .where({ incident_id: id })
          .orderBy('position'),
        enrichments.of(id, trx),
      ]);
      return {
        incident,
        alerts,
        observables: observables.map(({ type, value, roles, flags }) => ({ type, value, roles, flags })),
        findings,
      };
    },

    earlier: (incident) => earlierIncidents(knex, incident),

    async unprocessed(id) {
      const rows = await Alerts.query(knex).where({ incident_id: id, processed: false }).select('id').orderBy('id');
      return rows.map((alert) => alert.id);
    },

    async markProcessed(trx, id, alertIds) {
      await Alerts.query(trx)
        .whereIn('id', [...alertIds])
        // one that another incident has by now is looked at there
        .where({ incident_id: id })
        .patch({ processed: true });
      return Alerts.query(trx).where({ incident_id: id, processed: false }).resultSize();
    },
  };
}
