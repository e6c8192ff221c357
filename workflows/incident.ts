import {
  allHandlersFinished,
  condition,
  currentUpdateInfo,
  makeContinueAsNewFunc,
  sleep,
  patched,
  setHandler,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { ClaimResult, ConcludeResult, RetryResult, Standing } from '../activities/contract';
import { actorOf } from '../domain/act-messages';

import type { LookupName } from '../domain/lookup-name';
import { handleActs } from './acts';
import type { Order } from './acts';
import { Bearings } from './bearings';
import { Clocks } from './clocks';
import { Lookups } from './lookups';
import {
  alertsJoinedSignal,
  lookupsReadySignal,
  progressQuery,
  rescoredSignal,
  retryEnrichmentUpdate,
} from './messages';
import { checkRetryRequest } from './retry-request';
import type { Acted, IncidentInput, IncidentOutcome, RetryRequest } from './messages';
import { failedWith, steps } from './steps';

/** By then people want a verdict, if only a provisional one. */
const FIRST_VERDICT_WITHIN_MS = 15_000;
/** Late answers often come together: one more round for all of them. */
const GATHER_MS = 1_000;
const LONGEST_GATHER_MS = 60_000;
/**
 * Alerts of a storm come for minutes or hours: the more rounds there were for them, the longer the next are gathered. After
 * a calm it begins anew.
 */
const LONGEST_ALERTS_GATHER_MS = 5 * 60_000;
const CALM_MS = 30 * 60_000;
const RESCORED = 'Re-scored; the incident says why.';

/** An analyst has given the incident another playbook: the rest is that one's. */
class ReclassifiedError extends Error {}
/** What an analyst did asks for another round than the one under way. */
class OvertakenError extends Error {}

/**
 * The life of one incident: claim it, then round after round look up, score, decide, report and conclude, until it is
 * closed. Between rounds the run waits: for a source that is late or may be asked again, for alerts that join, for an
 * analyst. Beside all that, its clocks run.
 *
 * What steers the run is what its activities recorded, never rules recomputed here: a changed rule cannot break the
 * replay of an old run. All state is MySQL's; a new run takes up where the last one stopped.
 */
export async function runIncident(input: IncidentInput): Promise<IncidentOutcome> {
  const incident = new IncidentRun(input.incidentId);
  try {
    return await incident.run();
  } catch (error) {
    // another run has taken the incident over, so this one must not write any more
    if (!failedWith(error, 'ClaimLost')) throw error;
    return { status: 'superseded', resolution: null, verdict: incident.progress.verdict };
  }
}

class IncidentRun {
  private readonly bearings = new Bearings();
  readonly progress = this.bearings.progress;
  private joined = false;
  private claimed: ClaimResult | undefined;
  /** The verdict was changed in MySQL, by nothing that this run did. */
  private rescored = false;
  /** An analyst has been heard since the run last looked; and was ever heard, of which histories of before know nothing. */
  private acted = false;
  private everActed = false;
  private readonly lookups = new Lookups();
  private readonly clocks = new Clocks(
    () => this.tendClocks(),
    (error) => this.fail(error),
  );
  /** What something beside the rounds has met, and ends the run. */
  private failure: Error | undefined;
  /** Something waits in MySQL that this run does not know of. */
  private astray = false;
  private gathered = 0;
  /** Rounds in a row that were for alerts that had joined, and when the last of them was begun. */
  private joinedRounds = 0;
  private joinedAt = 0;
  /** Somebody waits for what was asked again: its answers do not wait for a storm to end. */
  private hurry = false;
  /** Only of histories of before: when what an earlier run waited for may be asked. */
  private wakeAt: string | null = null;

  constructor(private readonly incidentId: string) {
    setHandler(alertsJoinedSignal, () => {
      this.joined = true;
    });
    setHandler(lookupsReadySignal, (names) => {
      // an operator may send it without input: then the run looks for itself
      if (!Array.isArray(names) || !this.lookups.allow(names)) this.astray = true;
    });
    setHandler(rescoredSignal, () => {
      this.rescored = true;
    });
    setHandler(progressQuery, () => this.progress);
    handleActs({
      status: () => this.claimed && this.progress.status,
      carryOut: (order) => this.act(order),
    });
    setHandler(retryEnrichmentUpdate, (request) => this.retry(request ?? {}), {
      validator: checkRetryRequest,
      description: 'Ask again what failed or waits: all of it, or only the enrichments named as source/type:value',
    });
  }

  async run(): Promise<IncidentOutcome> {
    try {
      return await this.live();
    } catch (error) {
      if (!(error instanceof ReclassifiedError)) throw error;
      await this.answered();
      return this.goOn();
    }
  }

  private async live(): Promise<IncidentOutcome> {
    const claimed = await this.claim(this.incidentId);
    this.progress.round = claimed.lastRound;
    this.stand(claimed);
    this.takeUp(claimed);
    this.wakeAt = claimed.wakeAt ?? null;
    this.claimed = claimed;
    void this.clocks.run();
    // what an analyst asked this run for, when it was started for that
    await condition(allHandlersFinished);
    this.leaveIfReclassified();
    if (claimed.round === null) {
      if (this.bearings.isClosed() && this.isDone()) return this.closed();
      if ((await this.waitForNews()) === 'closed') return this.closed();
      if (this.everActed && this.historyIsLong()) return this.goOn();
    }
    for (;;) {
      this.leaveIfReclassified();
      this.joined = false;
      const concluded = await this.playRound(claimed, this.bearings.nextRound()).catch(unlessOvertaken);
      if (!concluded) continue;
      const { verdict, score } = this.progress;
      this.stand({ verdict, score, ...concluded });
      this.wakeAt = concluded.wakeAt ?? null;
      await condition(allHandlersFinished);
      this.leaveIfReclassified();
      const again = concluded.again && patched(GATHERS_ALERTS);
      if (this.bearings.isClosed() && !again && this.isDone()) return this.closed();
      if (concluded.again) await this.gatherAlerts();
      else if ((await this.waitForNews()) === 'closed') return this.closed();
      if (this.historyIsLong()) await this.goOn();
    }
  }

  /** As a new run, of the playbook that the incident has by now. */
  private goOn(): Promise<never> {
    this.bearings.showPlaybook();
    const workflowType = this.bearings.playbook();
    return makeContinueAsNewFunc<typeof runIncident>({ workflowType })({ incidentId: this.incidentId });
  }

  /**
   * Lets the answers to analysts go out before the run may end: it would have to be told anew of what comes at the same time,
   * and they would be lost with that.
   */
  private async answered(): Promise<void> {
    do {
      await condition(() => allHandlersFinished() && !this.clocks.busy());
      this.acted = false;
      await sleep(1, { summary: 'The analyst is answered' });
    } while (this.acted);
  }

  /** @throws ReclassifiedError */
  private leaveIfReclassified(): void {
    if (this.bearings.isReclassified()) throw new ReclassifiedError();
  }

  /** @throws ReclassifiedError, OvertakenError */
  private leaveIfOvertaken(): void {
    this.leaveIfReclassified();
    if (this.bearings.wantsRound()) throw new OvertakenError();
  }

  /** Takes note of how the incident stands; the clocks go by it. */
  private stand(told: Parameters<Bearings['take']>[0]): void {
    if (this.bearings.take(told)) this.clocks.set(told);
  }

  /** The same run gets the same claim, and what waits now. */
  private claim(summary: string): Promise<ClaimResult> {
    return steps.claim(summary, { incidentId: this.incidentId, claimedBy: workflowInfo().firstExecutionRunId });
  }

  private takeUp({ waiting = [], ...claimed }: ClaimResult): void {
    this.lookups.resume(this.step(claimed, this.progress.round), waiting);
    this.astray = false;
  }

  /** All that the next run needs stands in MySQL, once nothing is under way, and all is shown. */
  private historyIsLong(): boolean {
    return (
      workflowInfo().continueAsNewSuggested &&
      this.lookups.idle() &&
      allHandlersFinished() &&
      !this.rescored &&
      !this.acted
    );
  }

  private step({ runNo }: ClaimResult, round: number): { incidentId: string; runNo: number; round: number } {
    return { incidentId: this.incidentId, runNo, round };
  }

  private closed(): IncidentOutcome {
    return { status: 'closed', resolution: this.bearings.resolution, verdict: this.progress.verdict };
  }

  /** One round; the steps' results are all on record when it ends. */
  private async playRound(claimed: ClaimResult, round: number): Promise<ConcludeResult> {
    const step = this.step(claimed, round);
    this.at(round, 'plan');
    const plan = await steps.plan(`Round ${round}: what to look up`, step);
    this.leaveIfOvertaken();
    this.at(round, 'lookups');
    this.lookups.start(step, plan.lookups);
    await this.lookups.settle(FIRST_VERDICT_WITHIN_MS, 'A first verdict is due without late answers');
    this.leaveIfOvertaken();

    const versions = { policy: plan.policy, site: plan.site };
    this.at(round, 'score');
    const scored = await steps.score('Weigh the evidence', {
      ...step,
      ...versions,
      pending: this.lookups.judge(),
    });
    const { verdict, score, explanation } = scored;
    Object.assign(this.progress, { verdict, score, explanation });
    this.leaveIfOvertaken();
    this.lookups.owe(scored.pending);
    this.at(round, 'decide');
    const decided = await steps.decide('Apply the playbook’s rules', { ...step, ...versions });
    this.leaveIfOvertaken();
    this.at(round, 'report');
    await steps.report('Write the report', step);
    this.at(round, 'conclude');
    // what has joined by now is counted under the incident's lock, and the result tells of it
    if (this.joined && patched(GATHERS_ALERTS)) this.joined = false;
    this.leaveIfOvertaken();
    const concluded = await steps.conclude(`${decided.outcome}: ${decided.reason}`.slice(0, 200), step);
    this.bearings.tell(`${decided.outcome}: ${decided.reason}`);
    return concluded;
  }

  /**
   * Waits for an answer that the verdict was given without, or for alerts that join; else for an analyst. Sources that
   * refused are asked again when they are ready: only an answer is worth a new round. A re-scoring is none, and an analyst's
   * act seldom: they are shown, and where they have closed the incident there is nothing left to wait for.
   */
  private async waitForNews(): Promise<'news' | 'closed'> {
    const news = () => this.joined || this.lookups.hasNews() || this.bearings.wantsRound();
    const isActed = () => this.acted && allHandlersFinished() && !this.clocks.busy();
    const nextTry = () => this.lookups.nextTry() ?? (this.lookups.idle() ? this.wakeAt : null);
    for (;;) {
      const at = nextTry();
      const changed = () =>
        news() ||
        isActed() ||
        this.bearings.isReclassified() ||
        this.failure !== undefined ||
        this.rescored ||
        this.astray ||
        this.lookups.isDue() ||
        nextTry() !== at;
      this.progress.step = this.waitingFor(at);
      if (at === null) {
        await condition(changed);
      } else {
        const wait = Math.max(Date.parse(at) - Date.now(), 1000);
        await condition(changed, wait, { summary: `If nobody says so before, a source is asked again at ${at}` });
      }
      if (this.failure) throw this.failure;
      this.leaveIfReclassified();
      if (this.rescored && (await this.takeOver())) return 'closed';
      if (isActed()) {
        await this.answered();
        if (this.bearings.isClosed() && this.isDone()) return 'closed';
      }
      if (news()) break;
      if (this.historyIsLong() || (at !== null && at === this.wakeAt && Date.parse(at) <= Date.now())) return 'news';
      if (this.astray) this.takeUp(await this.claim('What waits'));
      if (!this.lookups.isDue()) continue;
      this.lookups.askDue();
      await this.lookups.settle(FIRST_VERDICT_WITHIN_MS, 'A source is asked again');
    }
    await (this.joined ? this.gatherAlerts() : this.gather());
    return 'news';
  }

  private waitingFor(at: string | null): string {
    if (at) return `waiting for a source; asks by itself at ${at}`;
    return this.lookups.idle() ? 'waiting for an analyst' : 'waiting for late answers';
  }

  /** A closed incident has nothing left to wait for. What joined one that has just closed itself is looked at first. */
  private isDone(): boolean {
    if (this.acted) return false;
    return this.lookups.done() && !this.lookups.hasNews() && !(this.joined && patched(GATHERS_ALERTS));
  }

  /** Shows what a re-scoring has made of the incident. @returns true when it has closed it, and nothing is left to do */
  private async takeOver(): Promise<boolean> {
    this.rescored = false;
    this.stand(await this.claim('How it stands, re-scored'));
    this.progress.explanation = RESCORED;
    this.bearings.tell('');
    await condition(allHandlersFinished);
    // what has joined is looked at first: it may open the incident again
    return this.bearings.isClosed() && !this.acted && this.lookups.done() && !this.lookups.hasNews() && !this.joined;
  }

  /** Each round costs a report and some twenty events: the more answers have come one by one, the longer the next are gathered. */
  private async gather(): Promise<void> {
    await this.lookups.settle(GATHER_MS, 'More late answers may come');
    if (this.lookups.done() || !patched('gathers-answers')) return;
    const end = Date.now() + Math.min(GATHER_MS * 2 ** this.gathered, LONGEST_GATHER_MS);
    this.gathered += 1;
    const changed = () => this.joined || this.lookups.done() || this.lookups.isDue();
    while (!this.joined && !this.lookups.done() && Date.now() < end) {
      await condition(changed, end - Date.now(), { summary: 'More late answers may come' });
      if (!this.lookups.isDue()) continue;
      this.lookups.askDue();
      await this.lookups.settle(FIRST_VERDICT_WITHIN_MS, 'A source is asked again');
    }
  }

  /** Waits for further alerts of a storm, so that one round looks at all of them. */
  private async gatherAlerts(): Promise<void> {
    if (!patched(GATHERS_ALERTS)) return;
    if (Date.now() - this.joinedAt > CALM_MS) this.joinedRounds = 0;
    const end = Date.now() + Math.min(GATHER_MS * 2 ** this.joinedRounds, LONGEST_ALERTS_GATHER_MS);
    this.joinedRounds += 1;
    this.progress.step = 'gathering alerts';
    while (Date.now() < end) {
      const summary = 'More alerts may join';
      const isWaitedFor = () => this.hurry && this.lookups.idle() && this.lookups.hasNews();
      await condition(() => this.lookups.isDue() || isWaitedFor() || this.acted, end - Date.now(), { summary });
      if (!this.lookups.isDue()) break;
      this.lookups.askDue();
      await this.lookups.settle(FIRST_VERDICT_WITHIN_MS, 'A source is asked again');
    }
    this.joinedAt = Date.now();
    this.hurry = false;
  }

  /** Asks again, on an analyst's word, what failed or waits. Its answers are worth a new round. */
  private async retry(request: RetryRequest): Promise<RetryResult['retried']> {
    await condition(() => this.claimed !== undefined);
    const claimed = this.claimed as ClaimResult;
    const actor = actorOf(request);
    this.hurry = true;
    const requestId = request.requestId ?? currentUpdateInfo()?.id ?? uuid4();
    const token = uuid4();
    const step = this.step(claimed, this.progress.round);
    const only = (request.enrichments as LookupName[] | undefined) ?? null;
    const asked = { ...step, requestId, actor, only, token };
    const result = await steps
      .requestRetry(`${actor} asks again`, asked)
      .catch((error: unknown) => this.refused(error));
    // another token: the request was carried out before, by this run or an earlier one
    const isWanted = result.token === token && !(this.acted && this.bearings.isClosed());
    if (isWanted) this.lookups.repeat(step, result.lookups);
    return result.retried;
  }

  /** Does what an analyst asks for. Who closes an incident, or gives it to another playbook, wants nothing looked up any more. */
  private async act({ request, ...order }: Order): Promise<Acted> {
    await condition(() => this.claimed !== undefined);
    const step = this.step(this.claimed as ClaimResult, this.progress.round);
    const what = `${order.actor}: ${request.acts.map(({ act }) => act).join(', ')}`;
    const asked = { ...step, ...order, request, pending: this.lookups.underWay() };
    const standing = await steps.act(what, asked).catch((error: unknown) => this.refused(error));
    this.acted = true;
    this.everActed = true;
    this.stand(standing);
    if (this.bearings.isClosed() || this.bearings.isReclassified()) this.lookups.giveUp();
    this.bearings.tell(what);
    const { status, resolution, verdict, severity } = standing;
    return { status, resolution, verdict, severity };
  }

  /** Whoever asked is told; a run that has lost its incident has nothing more to say, and ends. */
  private refused(error: unknown): never {
    if (failedWith(error, 'ClaimLost')) this.fail(error);
    throw error;
  }

  private fail(error: unknown): void {
    this.failure ??= error instanceof Error ? error : new Error(String(error));
  }

  private async tendClocks(): Promise<Standing> {
    const step = this.step(this.claimed as ClaimResult, this.progress.round);
    const standing = await steps.tendClocks('What the clocks say', step);
    this.stand(standing);
    return standing;
  }

  private at(round: number, step: string): void {
    Object.assign(this.progress, { round, step });
  }
}

/** A round that is overtaken has no end of its own. */
function unlessOvertaken(error: unknown): undefined {
  if (!(error instanceof OvertakenError)) throw error;
  return undefined;
}

/** Runs of before begin a round as soon as an alert has joined. */
const GATHERS_ALERTS = 'gathers-alerts';
