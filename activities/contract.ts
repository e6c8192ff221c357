/**
 * All that workflows see of the activities: types only, free of Node.
 *
 * Every step is idempotent by (incident, action key): it writes one `action_log` row when it is finished, and a second
 * call with the same key returns what that row says without acting again.
 */
import type { ActRequest } from '../domain/acts';
import type { AlertClass } from '../domain/alert';
import type { SourceState } from '../domain/enrichment';
import type { Withheld } from '../domain/gate';
import type { Resolution, Status } from '../domain/incident';
import type { LookupName, PendingLookup } from '../domain/lookup-name';
import type { ObservableId } from '../domain/observable';
import type { RescoreState } from '../domain/rescore';
import type { Severity } from '../domain/severity';
import type { Verdict, VerdictState } from '../domain/verdict';

export interface ClaimInput {
  incidentId: string;
  /** First execution run id: survives continue-as-new, differs between runs. */
  claimedBy: string;
}

/** How an incident stands. */
export interface Standing {
  severity: Severity;
  status: Status;
  resolution: Resolution | null;
  verdict: Verdict;
  score: number | null;
  /** Tells what was known later from what was known before. */
  version: number;
  /** Of its playbook. */
  alertType: AlertClass;
  /** The round that is under way, or to be begun; null when none is. */
  round: number | null;
  /** When its clocks have something to say, or its hold is over; null when neither comes. */
  clockAt: string | null;
  /** What they will say then. */
  clockFor: string | null;
  /** Who has it in hand, and by when it is due, for people. */
  note: string;
}

/** The incident as the run finds it, and where it should go on; histories of before lack what came later. */
export interface ClaimResult extends Omit<Standing, LaterThanClaims>, Partial<Pick<Standing, LaterThanClaims>> {
  runNo: number;
  /** The round to work on now, or null when there is nothing to do until an answer or a message comes. */
  round: number | null;
  lastRound: number;
  /** Lookups that a source has refused for now, or that are to be repeated; absent in runs of before. */
  waiting?: WaitingLookup[];
  /** Only in histories of before: when the first of what waits may be asked. */
  wakeAt?: string | null;
}

type LaterThanClaims = 'version' | 'alertType' | 'clockAt' | 'clockFor' | 'note';

/** Every step after the claim says in whose name it acts; a run that lost its claim is refused with `ClaimLost`. */
export interface StepInput {
  incidentId: string;
  runNo: number;
  round: number;
  /** Attempts that failed before this one was scheduled, when a local activity is handed over to a regular one. */
  failures: number;
}

export interface PlannedLookup {
  /** `action_key` under which the answer will stand. */
  key: string;
  source: string;
  observable: ObservableId;
  /** Task queue of an outside provider; null when the lookup stays inside. */
  queue: string | null;
  /** Why the observable is not sent to this source; the lookup then only records that. */
  withheld: Withheld | null;
  /** How often the source has refused this lookup in this run; it is asked less and less often. */
  refusals: number;
}

/** A lookup that waits for its source. */
export interface WaitingLookup extends PlannedLookup {
  until: string;
}

export interface PlanResult {
  lookups: PlannedLookup[];
  /** Content hashes of policy and site knowledge that the whole round uses. */
  policy: string;
  site: string;
}

export type LookupInput = StepInput & Omit<PlannedLookup, 'queue'>;

export interface LookupResult {
  state: SourceState;
  until: string | null;
  summary: string;
}

/** A step that judges, by the versions its round has pinned. */
export interface JudgeInput extends StepInput {
  policy: string;
  site: string;
}

export interface ScoreInput extends JudgeInput {
  /** Answers that are late: the verdict is given without them, and is provisional. */
  pending: LookupName[];
}

export interface ScoreResult {
  verdict: Verdict;
  score: number;
  verdictState: VerdictState;
  complete: boolean;
  explanation: string;
  /** As given in: what steers the run is what is on record. */
  pending: LookupName[];
}

export interface DecideResult {
  outcome: 'close' | 'open' | 'escalate';
  reason: string;
}

export interface ReportResult {
  version: number;
}

type EverConcluded = 'status' | 'resolution' | 'severity';

/** How the incident stands then; histories of before tell less. */
export interface ConcludeResult extends Pick<Standing, EverConcluded>, Partial<Omit<Standing, EverConcluded>> {
  /** True when alerts joined while the round ran: one more round. */
  again: boolean;
  /** Only in histories of before, as that of {@link ClaimResult}. */
  wakeAt?: string | null;
}

export interface RetryInput extends StepInput {
  /** Names the request: asked for twice, it is done once. */
  requestId: string;
  /** Who asks. */
  actor: string;
  /** `source/type:value` of what to ask again; null = all that failed or waits. */
  only: LookupName[] | null;
  /** Tells the caller whose answer this is. */
  token: string;
}

export interface RetryResult {
  /** What is asked again, and what was known of it before. */
  retried: { source: string; observable: ObservableId; state: SourceState }[];
  lookups: PlannedLookup[];
  /** Of the call that did it. */
  token: string;
}

export interface ActInput extends StepInput {
  /** Names the request: asked for twice, it is done once. */
  requestId: string;
  /** Who asks. */
  actor: string;
  request: ActRequest;
  /** Refused when the incident has another version. */
  ifVersion?: number | undefined;
  /** Lookups on their way, which closing gives up. */
  pending: PendingLookup[];
}

/** Steps that compute or touch only our own database. */
export interface InsideActivities {
  /** Takes the incident for this run. */
  claim(input: ClaimInput): Promise<ClaimResult>;
  /** Decides what to look up, and pins policy and site knowledge. */
  plan(input: StepInput): Promise<PlanResult>;
  score(input: ScoreInput): Promise<ScoreResult>;
  decide(input: JudgeInput): Promise<DecideResult>;
  report(input: StepInput): Promise<ReportResult>;
  /** Closes the incident, or says why it stays. */
  conclude(input: StepInput): Promise<ConcludeResult>;
  /** Puts what failed or waits up for another lookup. */
  requestRetry(input: RetryInput): Promise<RetryResult>;
  /** Does what an analyst asks for. */
  act(input: ActInput): Promise<Standing>;
  /** Tells what the clocks have to say by now, and ends a hold that is over. */
  tendClocks(input: StepInput): Promise<Standing>;
}

/** Which notices the next request tells; none when there are none. */
export interface GatherNoticesResult {
  ids: number[];
}

export type DeliverNoticesInput = GatherNoticesResult;

export interface DeliverNoticesResult {
  /** Of the request; null when all of it was told already. */
  webhookId: string | null;
  events: number;
}

/** The steps of telling another tool. */
export interface NoticeActivities {
  gatherNotices(): Promise<GatherNoticesResult>;
  /** Tells it in one request. */
  deliverNotices(input: DeliverNoticesInput): Promise<DeliverNoticesResult>;
}

/** One activity per source, inside or outside, named by `lookupActivity`. */
export type LookupActivities = Record<string, (input: LookupInput) => Promise<LookupResult>>;

/** Names a re-scoring; everything else of it stands in MySQL. */
export interface RescoreInput {
  jobId: string;
}

/** How far a re-scoring is, as MySQL has it. */
export interface RescoreStanding {
  state: RescoreState;
  compared: number;
  /** Could not be judged, and are not among those compared. */
  failed: number;
  changes: number;
  applied: number;
  skipped: number;
  /** Until when what was found may be applied; null while or after that makes sense. */
  expiresAt: string | null;
}

export interface ApplyPageInput extends RescoreInput {
  /** The incident that the page before ended with; empty for the first page. */
  after: string;
  /** What cannot be changed now is given up, and says why. */
  isLastPass: boolean;
}

export interface ApplyPageResult extends RescoreStanding {
  /** Where the next page begins; null when this one was the last. */
  after: string | null;
}

/**
 * The steps of a re-scoring, each idempotent: what it has done stands in MySQL and is not done again. They ask nobody; one
 * that finds its job in another state does nothing and says so.
 */
export interface RescoreActivities {
  /** Pins the rules of the day, once. */
  beginRescore(input: RescoreInput): Promise<RescoreStanding>;
  /** Compares the next incidents; changes nothing of them. */
  comparePage(input: RescoreInput): Promise<RescoreStanding>;
  /** Ends a job that nobody has applied. */
  expireRescore(input: RescoreInput): Promise<RescoreStanding>;
  /** Puts the differences of some incidents in force, each in one transaction. */
  applyPage(input: ApplyPageInput): Promise<ApplyPageResult>;
}

/** Names an import; everything else of it stands in MySQL. */
export interface ImportInput {
  importId: string;
}

/** How far an import is, as MySQL has it. */
export interface ImportStanding {
  state: 'queued' | 'running' | 'done' | 'failed';
  /** As recognised or asked for; null while nobody has looked. */
  format: string | null;
  /** Of the file; and how many of them are done. */
  bytes: number;
  bytesDone: number;
  /** Line that was read last. */
  lines: number;
  added: number;
  updated: number;
  unchanged: number;
  revoked: number;
  /** Of the kept ones. */
  flagged: number;
  refused: number;
  unsupported: number;
  /** Why the file as a whole could not be read. */
  error: string | null;
}

export interface FetchFeedInput {
  /** Name of the source whose feed it is. */
  source: string;
}

/** What a source's feed came to; the file itself stands in MySQL. */
export type FetchFeedResult =
  /** There is no such feed any more: nothing was asked. */
  | { outcome: 'gone' }
  /** Its server says so, or has sent what was imported before. */
  | { outcome: 'not_modified'; importId?: string; validators?: FeedValidators }
  | { outcome: 'received'; importId: string; bytes: number; validators: FeedValidators };

/** What a server wants to be told with the next request. They count once that what came with them is imported. */
export interface FeedValidators {
  etag: string | null;
  lastModified: string | null;
  /** When the settings of the source were made that it was asked by; others need others. */
  settingsOf: string;
}

export interface NotePollInput {
  source: string;
  /** Names the poll: noted twice, it stands there once. */
  pollId: string;
  outcome: 'not_modified' | 'imported' | 'failed';
  importId?: string;
  validators?: FeedValidators;
  /** Why it failed, for people. */
  error?: string;
}

/** The steps of imports and feeds, each idempotent: what it has done stands in MySQL. */
export interface IntelActivities {
  /** Reads the file from where it was read last. Its heartbeat tells how far it is, in an {@link ImportStanding}. */
  readIocFile(input: ImportInput): Promise<ImportStanding>;
  /** Ends an import that was cancelled; what was read of it stays. */
  giveUpImport(input: ImportInput): Promise<ImportStanding>;
  /** Asks a feed's server for what is new, and takes it in. */
  fetchFeed(input: FetchFeedInput): Promise<FetchFeedResult>;
  /** Writes down what came of a poll. */
  notePoll(input: NotePollInput): Promise<void>;
}
