import {
  allHandlersFinished,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ClaimResult, ConcludeResult, PendingLookup, PlanResult } from '../activities/contract';
import { alertsJoinedSignal, progressQuery } from './messages';
import type { IncidentInput, IncidentOutcome, Progress } from './messages';
import { createShow } from './search-attributes';
import { failedWith, runLookup, steps } from './steps';

/**
 * The life of one incident: claim it, then round after round look up, score, decide, report and conclude, until it is
 * closed. Between rounds the run waits: for a source that may be asked again, for alerts that join, for an analyst.
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

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** By then people want a verdict, if only a provisional one. */
const FIRST_VERDICT_WITHIN = '15s';

class IncidentRun {
  readonly progress: Progress = {
    round: 0,
    step: 'claim',
    status: 'new',
    verdict: 'unknown',
    score: null,
    explanation: '',
  };
  private joined = false;
  /** Lookups on their way, by source and observable; one that is late does not hold up the first verdict. */
  private readonly inFlight = new Set<PendingLookup>();
  /** True while the verdict in force was given without answers that were on their way. */
  private late = false;
  private lookupError: Error | undefined;

  constructor(private readonly incidentId: string) {
    setHandler(alertsJoinedSignal, () => {
      this.joined = true;
    });
    setHandler(progressQuery, () => this.progress);
  }

  async run(): Promise<IncidentOutcome> {
    const claimed = await steps.claim(this.incidentId, {
      incidentId: this.incidentId,
      claimedBy: workflowInfo().firstExecutionRunId,
    });
    const show = createShow(claimed);
    Object.assign(this.progress, { status: claimed.status, verdict: claimed.verdict, score: claimed.score });
    let round = claimed.round;
    let lastRound = claimed.lastRound;
    let wakeAt = claimed.wakeAt;
    for (;;) {
      if (round !== null) {
        this.joined = false;
        const concluded = await this.playRound(claimed, round);
        show({ ...concluded, verdict: this.progress.verdict, score: this.progress.score });
        if (concluded.status === 'closed') {
          return { status: 'closed', resolution: concluded.resolution, verdict: this.progress.verdict };
        }
        lastRound = round;
        wakeAt = concluded.wakeAt;
        if (concluded.again) {
          round = lastRound + 1;
          continue;
        }
      }
      await this.waitForNews(wakeAt);
      if (workflowInfo().continueAsNewSuggested) {
        await condition(() => allHandlersFinished() && this.inFlight.size === 0);
        await continueAsNew<typeof runIncident>({ incidentId: this.incidentId });
      }
      round = lastRound + 1;
    }
  }

  /** One round; the steps' results are all on record when it ends. */
  private async playRound(claimed: ClaimResult, round: number): Promise<ConcludeResult> {
    const step = { incidentId: this.incidentId, runNo: claimed.runNo, round };
    this.at(round, 'plan');
    const plan = await steps.plan(`Round ${round}: what to look up`, step);
    this.at(round, 'lookups');
    await this.lookUpAll(step, plan);

    const versions = { policy: plan.policy, site: plan.site };
    this.at(round, 'score');
    const pending = [...this.inFlight];
    this.late = pending.length > 0;
    const scored = await steps.score('Weigh the evidence', { ...step, ...versions, pending });
    const { verdict, score, explanation } = scored;
    Object.assign(this.progress, { verdict, score, explanation });
    this.at(round, 'decide');
    const decided = await steps.decide('Apply the playbook’s rules', { ...step, ...versions });
    this.at(round, 'report');
    await steps.report('Write the report', step);
    this.at(round, 'conclude');
    const concluded = await steps.conclude(`${decided.outcome}: ${decided.reason}`.slice(0, 200), step);
    this.progress.status = concluded.status;
    setCurrentDetails(
      [
        `**${scored.verdict}**, score ${scored.score}/100 (${scored.verdictState})`,
        scored.explanation,
        `${concluded.status}: ${decided.reason}`,
      ].join('\n\n'),
    );
    return concluded;
  }

  /** Starts the lookups of a plan and waits for the answers, but not for ever: the verdict is then provisional. */
  private async lookUpAll(step: { incidentId: string; runNo: number; round: number }, plan: PlanResult): Promise<void> {
    for (const lookup of plan.lookups) {
      const name: PendingLookup = `${lookup.source}/${lookup.observable}`;
      if (this.inFlight.has(name)) continue;
      this.inFlight.add(name);
      void runLookup(step, lookup)
        .catch((error: unknown) => (this.lookupError ??= asError(error)))
        .finally(() => this.inFlight.delete(name));
    }
    await condition(() => this.answered(), FIRST_VERDICT_WITHIN, {
      summary: 'A first verdict is due without late answers',
    });
    this.throwIfLookupFailed();
  }

  /** True when no lookup is on its way any more, or one cannot be carried out at all. */
  private answered(): boolean {
    return this.inFlight.size === 0 || this.lookupError !== undefined;
  }

  /** Sources record their own failures; what ends up here is a lost claim or a bug, and ends the run. */
  private throwIfLookupFailed(): void {
    if (this.lookupError !== undefined) throw this.lookupError;
  }

  /** Waits for late answers, for a source that may be asked again, for alerts that join; else for an analyst. */
  private async waitForNews(wakeAt: string | null): Promise<void> {
    const news = () => this.joined || (this.late && this.answered());
    const wait = wakeAt === null ? undefined : Date.parse(wakeAt) - Date.now();
    // a time that has passed is that of a source which is being asked again right now
    if (wait === undefined || (this.late && wait <= 0)) {
      this.progress.step = this.late ? 'waiting for late answers' : 'waiting for an analyst';
      await condition(news);
    } else {
      this.progress.step = `waiting until ${wakeAt}`;
      await condition(news, Math.max(wait, 1000), { summary: `A source may be asked again at ${wakeAt}` });
    }
    this.throwIfLookupFailed();
  }

  private at(round: number, step: string): void {
    Object.assign(this.progress, { round, step });
  }
}
