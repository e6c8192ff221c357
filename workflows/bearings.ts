import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { Standing } from '../activities/contract';
import type { AlertType } from '../domain/alert';
import { workflowType } from '../domain/names';
import type { Progress } from './messages';
import { createShow, showAlertType } from './search-attributes';
import type { Shown } from './search-attributes';

/** What a step tells of how the incident stands; steps of before tell less. */
type Told = Pick<Standing, 'status' | 'resolution' | 'verdict' | 'severity' | 'score'> & Partial<Standing>;

/** What a run knows of how its incident stands, and shows of it. */
export class Bearings {
  readonly progress: Progress = {
    round: 0,
    step: 'claim',
    status: 'new',
    verdict: 'unknown',
    score: null,
    explanation: '',
  };
  resolution: string | null = null;
  /** Results may come in another order than they were made. */
  private version = 0;
  private alertType: AlertType | undefined;
  private roundAsked = 0;
  private show: ((now: Shown) => void) | undefined;
  private note = '';
  /** What came of it last, in words. */
  private news = '';

  /** Takes note of what a step tells, unless something newer is known. @returns false when it is */
  take({ version = this.version, alertType, round, note, ...told }: Told): boolean {
    if (version < this.version) return false;
    this.version = version;
    const { status, resolution, verdict, severity, score } = told;
    Object.assign(this.progress, { status, verdict, score });
    this.resolution = resolution;
    this.note = note ?? this.note;
    if (alertType !== undefined && alertType !== 'unclassified') this.alertType = alertType;
    // a step that does not know takes nothing back
    if (round !== undefined) this.roundAsked = round ?? 0;
    const shown = { status, verdict, severity, score };
    // it was started with what it is told first
    this.show ??= createShow(shown);
    this.show(shown);
    this.describe();
    return true;
  }

  /** Notes what came of a round, or what somebody did. */
  tell(news: string): void {
    this.news = news;
    this.describe();
  }

  /** All that an operator reads at the top of the run. */
  private describe(): void {
    const { verdict, score, status, explanation } = this.progress;
    const head = `**${verdict}**, score ${score ?? '–'}/100, ${status}`;
    setCurrentDetails([head, explanation, this.news, this.note].filter((text) => text !== '').join('\n\n'));
  }

  /** A round is asked for that is not the one under way, or the last one. */
  wantsRound(): boolean {
    return this.roundAsked > this.progress.round;
  }

  /** The number of the next round. */
  nextRound(): number {
    return Math.max(this.roundAsked, this.progress.round + 1);
  }

  isClosed(): boolean {
    return this.progress.status === 'closed';
  }

  /** The incident belongs to another playbook by now. */
  isReclassified(): boolean {
    return this.playbook() !== workflowInfo().workflowType;
  }

  /** The workflow type that the incident's type asks for. */
  playbook(): string {
    return this.alertType === undefined ? workflowInfo().workflowType : workflowType(this.alertType);
  }

  /** Has the run found under the type it is handed on as. */
  showPlaybook(): void {
    if (this.alertType !== undefined && this.isReclassified()) showAlertType(this.alertType);
  }
}
