import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import type {
  ImportInput,
  ImportStanding,
  RescoreInput,
  RescoreStanding,
  RetryResult,
  Standing,
} from '../activities/contract';
import type { ActMessage, ChangeMessage } from '../domain/act-messages';
import { RUN_ACTS } from '../domain/acts';
import type { RunAct } from '../domain/acts';
import type { Status } from '../domain/incident';
import type { LookupName } from '../domain/lookup-name';
import type { Verdict } from '../domain/verdict';

/** What an incident's workflow is started with; everything else it reads from MySQL. */
export interface IncidentInput {
  incidentId: string;
}

/** What a run ends with: the incident closed, or another run took it over. */
export interface IncidentOutcome {
  status: Status | 'superseded';
  resolution: string | null;
  verdict: Verdict;
}

/** How far the run is, for people who look at it in the Temporal UI. */
export interface Progress {
  round: number;
  step: string;
  status: Status;
  verdict: Verdict;
  score: number | null;
  explanation: string;
}

/** Further alerts joined the incident; they stand in MySQL, one signal may speak for many. */
export const alertsJoinedSignal = defineSignal('alertsJoined');

/** The sources of these waiting lookups may be asked now. */
export const lookupsReadySignal = defineSignal<[LookupName[]]>('lookupsReady');

/** The incident was re-scored; how it stands now is in MySQL. */
export const rescoredSignal = defineSignal('rescored');

/** A lookup that is repeated, and how it stood before. */
export type Retried = RetryResult['retried'][number];

/** All of it may be left out, as by an operator in the Temporal UI: then all that failed or waits is asked again. */
export interface RetryRequest {
  /** `source/type:value` of what to ask again. */
  enrichments?: string[];
  /** Names the request: asked for twice, it is done once. Default: the update's id. */
  requestId?: string;
  /** Who asks; default: that it came past the API. */
  actor?: string;
  /** As that of an act. */
  via?: 'api';
}

/** Asks again what failed or waits. Refused with `InvalidRequest`, `UnknownEnrichment` or `NothingToRetry`. */
export const retryEnrichmentUpdate = defineUpdate<Retried[], [RetryRequest | undefined]>('retryEnrichment');

/** How an incident stands after an act. */
export type Acted = Pick<Standing, 'status' | 'resolution' | 'verdict' | 'severity'>;

/**
 * One update for each act, of its name: `acknowledge`, `hold`, `overrideVerdict` … Refused with `InvalidRequest`,
 * `NotAllowed` or `VersionMismatch`.
 */
export const actUpdates = Object.fromEntries(RUN_ACTS.map((name) => [name, defineUpdate(name)])) as unknown as Record<
  RunAct,
  UpdateDefinition<Acted, [(ActMessage & Record<string, unknown>) | undefined]>
>;

/** Several acts at once: all of them are carried out, or none. */
export const changeUpdate = defineUpdate<Acted, [ChangeMessage]>('change');

export const progressQuery = defineQuery<Progress>('progress');

/** What a re-scoring's workflow is started with, and what it hands on when its history gets long. */
export interface RescoreRunInput extends RescoreInput {
  /** The incident that was applied last in this pass. */
  after?: string;
  /** Passes that have left incidents for later. */
  passes?: number;
}

/** Something was decided about the job, such as that it be applied: what, stands in MySQL. */
export const goOnSignal = defineSignal('goOn');

export const rescoreProgressQuery = defineQuery<RescoreStanding>('progress');

/** What the workflow that tells another tool is started with; whatever it tells stands in MySQL. */
export interface NoticeRunInput {
  /** How long events are gathered for the next request, ms. */
  foldMs?: number;
}

/** What an import's workflow is started with. */
export type ImportRunInput = ImportInput;

/** Null until the file was read as far as it goes; meanwhile the heartbeat of the pending activity tells it. */
export const importProgressQuery = defineQuery<ImportStanding | null>('progress');

/** What the workflow that polls a feed is started with; where the feed is, stands in MySQL. */
export interface PollRunInput {
  /** Name of the source. */
  source: string;
}

/** How a poll is going, for people who look at it in the Temporal UI. */
export interface PollProgress {
  step: 'fetching' | 'importing' | 'over';
  importId: string | null;
  standing: ImportStanding | null;
}

export const pollProgressQuery = defineQuery<PollProgress>('progress');
