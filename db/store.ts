import type { Knex } from './connect';
import { createActRepository } from './repositories/acts';
import type { ActRepository } from './repositories/acts';
import { createActionRepository } from './repositories/actions';
import type { ActionRepository } from './repositories/actions';
import { createAlertRepository } from './repositories/alerts';
import type { AlertRepository } from './repositories/alerts';
import { createAnswerRepository } from './repositories/answers';
import type { AnswerRepository } from './repositories/answers';
import { createApiKeyRepository } from './repositories/api-keys';
import type { ApiKeyRepository } from './repositories/api-keys';
import { createAuditRepository } from './repositories/audit';
import type { AuditRepository } from './repositories/audit';
import { createEnrichmentRepository } from './repositories/enrichments';
import type { EnrichmentRepository } from './repositories/enrichments';
import { createIncidentRepository } from './repositories/incidents';
import type { IncidentRepository } from './repositories/incidents';
import { createIocRepository } from './repositories/iocs';
import { createIocImportRepository } from './repositories/ioc-imports';
import { createIocSourceRepository } from './repositories/ioc-sources';
import type { IocImportRepository, IocRepository, IocSourceRepository } from './ioc-views';
import { createNoticeRepository } from './repositories/notices';
import type { NoticeRepository } from './repositories/notices';
import { createPolicyRepository } from './repositories/policies';
import type { PolicyRepository } from './repositories/policies';
import { createQuotaRepository } from './repositories/quotas';
import type { QuotaRepository } from './repositories/quotas';
import { createReconcileRepository } from './repositories/reconcile';
import type { ReconcileRepository } from './repositories/reconcile';
import { createRegroupingRepository } from './repositories/regrouping';
import type { RegroupingRepository } from './repositories/regrouping';
import { createRescoreChangeRepository } from './repositories/rescore-changes';
import type { RescoreChangeRepository } from './repositories/rescore-changes';
import { createRescoreRepository } from './repositories/rescores';
import type { RescoreRepository } from './repositories/rescores';
import { createReportRepository } from './repositories/reports';
import type { ReportRepository } from './repositories/reports';
import { createStatsRepository } from './repositories/stats';
import type { StatsRepository } from './repositories/stats';
import { createSuppressionRepository } from './repositories/suppressions';
import type { SuppressionRepository } from './repositories/suppressions';

export type { Transaction } from './connect';
export type { AcceptInput, Accepted } from './repositories/alerts';
export type { MergeRefusal, SplitRefusal } from './repositories/regroup';
export type { FinishInput } from './repositories/actions';
export type { IncidentRow, IocImportRow, RescoreChangeRow, RescoreFailure, RescoreRow } from './rows';

/** Everything that is kept, by what it is about. All SQL is behind it. */
export interface Store {
  alerts: AlertRepository;
  incidents: IncidentRepository;
  regrouping: RegroupingRepository;
  actions: ActionRepository;
  enrichments: EnrichmentRepository;
  acts: ActRepository;
  notices: NoticeRepository;
  reports: ReportRepository;
  iocs: IocRepository;
  iocSources: IocSourceRepository;
  iocImports: IocImportRepository;
  policies: PolicyRepository;
  apiKeys: ApiKeyRepository;
  reconcile: ReconcileRepository;
  audit: AuditRepository;
  rescores: RescoreRepository;
  rescoreChanges: RescoreChangeRepository;
  stats: StatsRepository;
  suppressions: SuppressionRepository;
  quotas: QuotaRepository;
  answers: AnswerRepository;
}

export function createStore(knex: Knex): Store {
  const actions = createActionRepository(knex);
  const enrichments = createEnrichmentRepository(knex);
  return {
    alerts: createAlertRepository(knex, actions),
    incidents: createIncidentRepository(knex, enrichments),
    regrouping: createRegroupingRepository(knex),
    actions,
    enrichments,
    acts: createActRepository(knex, { actions, enrichments }),
    notices: createNoticeRepository(knex),
    reports: createReportRepository(knex),
    iocs: createIocRepository(knex),
    iocSources: createIocSourceRepository(knex),
    iocImports: createIocImportRepository(knex),
    policies: createPolicyRepository(knex),
    apiKeys: createApiKeyRepository(knex),
    reconcile: createReconcileRepository(knex),
    audit: createAuditRepository(knex),
    rescores: createRescoreRepository(knex, actions),
    rescoreChanges: createRescoreChangeRepository(knex),
    stats: createStatsRepository(knex),
    suppressions: createSuppressionRepository(knex),
    quotas: createQuotaRepository(knex),
    answers: createAnswerRepository(knex),
  };
}
