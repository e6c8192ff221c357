import {
  allHandlersFinished,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ClaimResult, ConcludeResult } from '../activities/contract';
import { Lookups } from './lookups';
import { alertsJoinedSignal, progressQuery } from './messages';
import type { IncidentInput, IncidentOutcome, Progress } from './messages';
import { createShow } from './search-attributes';
import { failedWith, steps } from './steps';

/** By then people want a verdict, if only a provisional one. */
const FIRST_VERDICT_WITHIN_MS = 15_000;
/** Late answers often come together: one more round for all of them. */
const GATHER_MS = 1_000;

/**
 * The life of one incident: claim it, then round after round look up, score, decide, report and conclude, until it is
 * closed. Between rounds the run waits: for a source that is late or may be asked again, for alerts that join, for an
 * analyst.
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
  readonly progress: Progress = {
    round: 0,
    step: 'claim',
    status: 'new',
    verdict: 'unknown',
    score: null,
    explanation: '',
  };
  private joined = false;
  private readonly lookups = new Lookups();

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
    if (claimed.status === 'closed' && claimed.round === null) return this.closed(claimed.resolution);
    let { lastRound, wakeAt } = claimed;
    if (claimed.round === null) await this.waitForNews(wakeAt);
    for (;;) {
      const round = claimed.round !== null && claimed.round > lastRound ? claimed.round : lastRound + 1;
      this.joined = false;
      const concluded = await this.playRound(claimed, round);
      show({ ...concluded, verdict: this.progress.verdict, score: this.progress.score });
      if (concluded.status === 'closed') return this.closed(concluded.resolution);
      lastRound = round;
      wakeAt = concluded.wakeAt;
      if (!concluded.again) await this.waitForNews(wakeAt);
      if (workflowInfo().continueAsNewSuggested && this.lookups.idle() && allHandlersFinished()) {
        await continueAsNew<typeof runIncident>({ incidentId: this.incidentId });
      }
    }
  }

  private closed(resolution: string | null): IncidentOutcome {
    return { status: 'closed', resolution, verdict: this.progress.verdict };
  }

  /** One round; the steps' results are all on record when it ends. */
  private async playRound(claimed: ClaimResult, round: number): Promise<ConcludeResult> {
    const step = { incidentId: this.incidentId, runNo: claimed.runNo, round };
    this.at(round, 'plan');
    const plan = await steps.plan(`Round ${round}: what to look up`, step);
    this.at(round, 'lookups');
    this.lookups.start(step, plan.lookups);
    await this.lookups.settle(FIRST_VERDICT_WITHIN_MS, 'A first verdict is due without late answers');

    const versions = { policy: plan.policy, site: plan.site };
    this.at(round, 'score');
    const scored = await steps.score('Weigh the evidence', {
      ...step,
      ...versions,
      pending: this.lookups.onTheirWay(),
    });
    const { verdict, score, explanation } = scored;
    Object.assign(this.progress, { verdict, score, explanation });
    this.lookups.owe(scored.pending);
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

  /**
   * Waits for an answer that the verdict was given without, or for alerts that join; else for an analyst. Sources that
   * refused are asked again in time: only an answer is worth a new round.
   * @param wakeAt when a source that refused an earlier run may be asked again
   */
  private async waitForNews(wakeAt: string | null): Promise<void> {
    const news = () => this.joined || this.lookups.hasNews();
    const nextTry = () => this.lookups.nextTry() ?? (this.lookups.idle() ? wakeAt : null);
    for (;;) {
      const at = nextTry();
      const changed = () => news() || nextTry() !== at;
      this.progress.step = at
        ? `waiting until ${at}`
        : this.lookups.idle()
          ? 'waiting for an analyst'
          : 'waiting for late answers';
      if (at === null) {
        await condition(changed);
      } else {
        const wait = Math.max(Date.parse(at) - Date.now(), 1000);
        await condition(changed, wait, { summary: `A source may be asked again at ${at}` });
      }
      if (news()) break;
      if (nextTry() !== at) continue;
      if (!this.lookups.tryAgain()) return;
      await this.lookups.settle(FIRST_VERDICT_WITHIN_MS, 'A source is asked again');
    }
    if (!this.joined) await this.lookups.settle(GATHER_MS, 'More late answers may come');
  }

  private at(round: number, step: string): void {
    Object.assign(this.progress, { round, step });
  }
}
