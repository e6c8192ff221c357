import { createHash } from 'node:crypto';
import {
  Client,
  Connection,
  ServiceError,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import type { WorkflowStartOptions } from '@temporalio/client';
import {
  ApplicationFailure,
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
} from '@temporalio/common';
import type { UpdateDefinition } from '@temporalio/common';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { isRunAct } from '../domain/acts';
import type { ActRequest } from '../domain/acts';
import type { AlertType } from '../domain/alert';
import {
  IMPORT_WORKFLOW,
  NOTICE_WORKFLOW,
  NOTICE_WORKFLOW_ID,
  PLAYBOOK_QUEUE,
  RESCORE_WORKFLOW,
  SEARCH_ATTRIBUTES,
  workflowType,
} from '../domain/names';
import type { RunState } from '../domain/reconcile';
import { priorityOf } from '../domain/severity';
import type { Severity } from '../domain/severity';
import type { deliverNotices } from '../workflows/deliver-notices';
import type { importIocs } from '../workflows/import-iocs';
import type { runIncident } from '../workflows/incident';
import type { LookupName } from '../domain/lookup-name';
import type {
  ImportRunInput,
  IncidentInput,
  NoticeRunInput,
  RescoreRunInput,
  Retried,
  RetryRequest,
} from '../workflows/messages';
import {
  actUpdates,
  alertsJoinedSignal,
  changeUpdate,
  goOnSignal,
  lookupsReadySignal,
  rescoredSignal,
  retryEnrichmentUpdate,
} from '../workflows/messages';
import type { rescoreIncidents } from '../workflows/rescore';
import { createFeedSchedules } from './feed-schedules';
import type { ScheduledFeed } from './feed-schedules';
import { registerSearchAttributes } from './search-attributes';

/** What a run needs to be started and shown in the Temporal UI. */
export interface StartableIncident {
  id: string;
  alertType: AlertType;
  severity: Severity;
  source: string;
  title: string;
  status: string;
  verdict: string;
  /** 0–100; null or absent until scored. */
  score?: number | null;
}

/** All that the API and the reconciler want of the engine. */
export interface EngineGateway {
  /** First start: an incident that has or ever had a run is left alone. */
  start(incident: StartableIncident): Promise<'started' | 'exists'>;
  /** A new run for an incident whose last one is over or lost; never a second one beside an open run. */
  restart(incident: StartableIncident): Promise<'started' | 'exists'>;
  /** Has an incident's run look at alerts that have joined: the open one, or else a new one. May be repeated at will. */
  rouse(incident: StartableIncident): Promise<void>;
  /** Ends an incident's run and starts a new one, in one step: what the old one knew no longer holds. */
  replace(incident: StartableIncident): Promise<void>;
  /** Ends an incident's open run, if there is one. */
  cancel(incident: Pick<StartableIncident, 'id'>): Promise<void>;
  /**
   * Tells an incident's run that alerts have joined.
   * @returns false when there is no open run
   */
  alertsJoined(incidentId: string): Promise<boolean>;
  /**
   * Tells an incident's run that the sources of these lookups may be asked now.
   * @returns false when there is no open run
   */
  lookupsReady(incidentId: string, lookups: readonly LookupName[]): Promise<boolean>;
  /**
   * Asks again what failed or waits, in the incident's open run or else in a new one. The same `requestId` is done once.
   * @throws RefusedByRunError when the run says why not; any other error when the engine did not answer in time
   */
  retry(incident: StartableIncident, request: RetryRequest & { requestId: string }): Promise<Retried[]>;
  /**
   * Has an analyst's acts carried out, all or none, in the incident's open run or else in a new one. The same `requestId` is
   * done once.
   * @throws RefusedByRunError when the run says why not; any other error when the engine did not answer in time
   */
  act(incident: StartableIncident, request: ActOrder): Promise<void>;
  /** Has a re-scoring go on as MySQL says: in its open run, or else in a new one. May be repeated at will. */
  rescore(job: { id: string; requestedBy: string }): Promise<void>;
  /**
   * Tells an incident's run that the incident was re-scored.
   * @returns false when there is no open run
   */
  rescored(incidentId: string): Promise<boolean>;
  /** Has another tool told of what stands in MySQL to be told, if that is not under way. May be repeated at will. */
  notify(input?: NoticeRunInput): Promise<void>;
  /** Has a file that was taken in be imported: in its open run, or else in a new one. May be repeated at will. */
  importIocs(job: { id: string; requestedBy: string }): Promise<void>;
  /** Has a source's feed polled now, whatever its schedule says; nothing happens when that is under way. */
  pollFeed(source: string): Promise<void>;
  /** Sees to it that the schedule of a feed is as its settings say. May be repeated at will. */
  scheduleFeed(feed: ScheduledFeed): Promise<'created' | 'updated' | 'unchanged'>;
  /** Takes a source's schedule away, if it has one. */
  unscheduleFeed(source: string): Promise<void>;
  /** Sources that have a schedule; one that was made or taken away a moment ago may be amiss. */
  scheduledFeeds(): Promise<string[]>;
  /** Asks the engine itself, not its visibility store, which lags. */
  describe(incidentId: string): Promise<RunState>;
  /** True when the engine serves; never throws. */
  ready(): Promise<boolean>;
  close(): Promise<void>;
}

/** What the run of an incident is to do, in whose name. */
export interface ActOrder extends ActRequest {
  requestId: string;
  actor: string;
  ifVersion?: number;
}

/** An incident's run has refused what it was asked to do. */
export class RefusedByRunError extends Error {
  constructor(
    /** Such as `NothingToRetry`. */
    readonly type: string,
    message: string,
  ) {
    super(message);
    this.name = 'RefusedByRunError';
  }
}

export interface GatewayOptions {
  connectionOptions: ClientConnectConfig['connectionOptions'];
  namespace: string;
}

const { KEYWORD, INT } = SearchAttributeType;
const DEADLINE_MS = 10_000;
/** People wait for it. */
const UPDATE_MS = 5_000;
/** Registering includes waiting until every part of the server knows. */
const REGISTER_MS = 40_000;
/** The gRPC status. */
const INVALID_ARGUMENT = 3;

type ReusePolicy = 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE';

/** The one place that knows the Temporal client. The connection is lazy: the API accepts alerts while the engine is away. */
export function createEngineGateway({ connectionOptions, namespace }: GatewayOptions): EngineGateway {
  const connection = Connection.lazy(connectionOptions);
  const client = new Client({ connection, namespace });
  let registered: Promise<void> | undefined;

  /** A start that names an unknown search attribute is refused, so they are registered before the first one. */
  function searchAttributesRegistered(): Promise<void> {
    registered ??= connection
      .withDeadline(Date.now() + REGISTER_MS, () => registerSearchAttributes(connection, namespace))
      .catch((error: unknown) => {
        registered = undefined;
        throw error;
      });
    return registered;
  }

  /** Starts something; an engine that has lost its state has lost the search attributes too. */
  async function withSearchAttributes<T>(start: () => Promise<T>): Promise<T> {
    await searchAttributesRegistered();
    try {
      return await start();
    } catch (error) {
      if (!isServiceErrorOf(error, INVALID_ARGUMENT)) throw error;
      registered = undefined;
      await searchAttributesRegistered();
      return start();
    }
  }

  async function startOnce(
    incident: StartableIncident,
    workflowIdReusePolicy: ReusePolicy,
  ): Promise<'started' | 'exists'> {
    try {
      await connection.withDeadline(Date.now() + DEADLINE_MS, () =>
        client.workflow.start(workflowType(incident.alertType), {
          ...startOptions(incident),
          workflowIdConflictPolicy: 'FAIL',
          workflowIdReusePolicy,
        }),
      );
      return 'started';
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return 'exists';
      throw error;
    }
  }

  /** In the open run, or in one that is started for it. @throws RefusedByRunError when the run says why not */
  async function update<R, Args extends unknown[]>(
    incident: StartableIncident,
    definition: UpdateDefinition<R, Args>,
    { args, updateId }: { args: Args; updateId: string },
  ): Promise<R> {
    const once = (): Promise<R> => {
      const startWorkflowOperation = new WithStartWorkflowOperation<typeof runIncident>(
        workflowType(incident.alertType),
        {
          ...startOptions(incident),
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        },
      );
      return connection.withDeadline(Date.now() + UPDATE_MS, () =>
        client.workflow.executeUpdateWithStart<typeof runIncident, R, Args>(definition, {
          args,
          updateId,
          startWorkflowOperation,
        }),
      );
    };
    try {
      return await withSearchAttributes(once);
    } catch (error) {
      const refusal = error instanceof WorkflowUpdateFailedError ? applicationFailureIn(error) : undefined;
      throw refusal ? new RefusedByRunError(refusal.type ?? '', refusal.message) : error;
    }
  }

  async function rouseOnce(incident: StartableIncident): Promise<void> {
    await connection.withDeadline(Date.now() + DEADLINE_MS, () =>
      client.workflow.signalWithStart<typeof runIncident>(workflowType(incident.alertType), {
        ...startOptions(incident),
        signal: alertsJoinedSignal,
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      }),
    );
  }

  async function replaceOnce(incident: StartableIncident): Promise<void> {
    await connection.withDeadline(Date.now() + DEADLINE_MS, () =>
      client.workflow.start(workflowType(incident.alertType), {
        ...startOptions(incident),
        workflowIdConflictPolicy: 'TERMINATE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      }),
    );
  }

  /** @returns false when there is no open run */
  async function toOpenRun(signal: () => Promise<void>): Promise<boolean> {
    try {
      await connection.withDeadline(Date.now() + DEADLINE_MS, signal);
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  return {
    start: (incident) => withSearchAttributes(() => startOnce(incident, 'REJECT_DUPLICATE')),
    restart: (incident) => withSearchAttributes(() => startOnce(incident, 'ALLOW_DUPLICATE')),
    rouse: (incident) => withSearchAttributes(() => rouseOnce(incident)),
    replace: (incident) => withSearchAttributes(() => replaceOnce(incident)),
    cancel: async ({ id }) => void (await toOpenRun(async () => void (await client.workflow.getHandle(id).cancel()))),
    alertsJoined: (incidentId) => toOpenRun(() => client.workflow.getHandle(incidentId).signal(alertsJoinedSignal)),
    lookupsReady: (incidentId, lookups) =>
      toOpenRun(() => client.workflow.getHandle(incidentId).signal(lookupsReadySignal, [...lookups])),
    rescored: (incidentId) => toOpenRun(() => client.workflow.getHandle(incidentId).signal(rescoredSignal)),
    async rescore({ id, requestedBy }) {
      const input: RescoreRunInput = { jobId: id };
      await connection.withDeadline(Date.now() + DEADLINE_MS, () =>
        client.workflow.signalWithStart<typeof rescoreIncidents>(RESCORE_WORKFLOW, {
          workflowId: id,
          taskQueue: PLAYBOOK_QUEUE,
          args: [input],
          signal: goOnSignal,
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `Re-scoring of past incidents, asked for by ${requestedBy}`.slice(0, 200),
        }),
      );
    },
    async notify(input = {}) {
      // no signal: while the receiver is down the run is there, and its history would fill with them
      await connection.withDeadline(Date.now() + DEADLINE_MS, () =>
        client.workflow.start<typeof deliverNotices>(NOTICE_WORKFLOW, {
          workflowId: NOTICE_WORKFLOW_ID,
          taskQueue: PLAYBOOK_QUEUE,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: 'Another tool is told of escalations',
        }),
      );
    },
    async importIocs({ id, requestedBy }) {
      const input: ImportRunInput = { importId: id };
      await connection.withDeadline(Date.now() + DEADLINE_MS, () =>
        client.workflow.start<typeof importIocs>(IMPORT_WORKFLOW, {
          workflowId: id,
          taskQueue: PLAYBOOK_QUEUE,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `Import of indicators, asked for by ${requestedBy}`.slice(0, 200),
        }),
      );
    },
    ...createFeedSchedules(client, DEADLINE_MS),
    retry: (incident, request) =>
      update(incident, retryEnrichmentUpdate, { args: [{ ...request, via: 'api' }], updateId: request.requestId }),
    async act(incident, { acts, ...order }) {
      const [only] = acts;
      const message = { ...order, via: 'api' } as const;
      // another wish under the same name, or on another version, is another update: the run decides about each
      const wish = createHash('sha256')
        .update(JSON.stringify([acts, message]))
        .digest('hex')
        .slice(0, 16);
      const updateId = `${message.requestId}#${wish}`;
      // one that is alone is shown in the engine by its name
      if (only && acts.length === 1 && isRunAct(only)) {
        const { act, ...fields } = only;
        await update(incident, actUpdates[act], { args: [{ ...fields, ...message }], updateId });
      } else {
        await update(incident, changeUpdate, { args: [{ acts, ...message }], updateId });
      }
    },
    async describe(incidentId) {
      try {
        const { status } = await connection.withDeadline(Date.now() + DEADLINE_MS, () =>
          client.workflow.getHandle(incidentId).describe(),
        );
        return status.name === 'RUNNING' || status.name === 'CONTINUED_AS_NEW' || status.name === 'PAUSED'
          ? 'running'
          : 'ended';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return 'unknown';
        throw error;
      }
    },
    async ready() {
      try {
        await connection.withDeadline(Date.now() + 2000, () => connection.workflowService.getSystemInfo({}));
        return true;
      } catch {
        return false;
      }
    },
    close: () => connection.close(),
  };
}

/** What every run of an incident is started with, whatever for. */
function startOptions(incident: StartableIncident) {
  const input: IncidentInput = { incidentId: incident.id };
  return {
    workflowId: incident.id,
    taskQueue: PLAYBOOK_QUEUE,
    args: [input] as [IncidentInput],
    typedSearchAttributes: searchAttributesOf(incident),
    staticSummary: incident.title.slice(0, 200),
    priority: { priorityKey: priorityOf(incident.severity) },
  } satisfies WorkflowStartOptions<typeof runIncident>;
}

/** What a step refused with, also where it had become a regular activity and is wrapped in its failure. */
function applicationFailureIn({ cause }: Error): ApplicationFailure | undefined {
  if (cause instanceof ApplicationFailure) return cause;
  return cause instanceof Error ? applicationFailureIn(cause) : undefined;
}

function isServiceErrorOf(error: unknown, code: number): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return (cause as { code?: number } | undefined)?.code === code;
}

function searchAttributesOf(incident: StartableIncident): TypedSearchAttributes {
  const shown = {
    [SEARCH_ATTRIBUTES.alertType]: incident.alertType,
    [SEARCH_ATTRIBUTES.severity]: incident.severity,
    [SEARCH_ATTRIBUTES.source]: incident.source,
    [SEARCH_ATTRIBUTES.status]: incident.status,
    [SEARCH_ATTRIBUTES.verdict]: incident.verdict,
  };
  const keywords = Object.entries(shown).map(([name, value]) => ({
    key: defineSearchAttributeKey(name, KEYWORD),
    value,
  }));
  const score = { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.score, INT), value: incident.score ?? 0 };
  return new TypedSearchAttributes(typeof incident.score === 'number' ? [...keywords, score] : keywords);
}
