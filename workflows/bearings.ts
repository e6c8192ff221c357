import { workflowInfo } from '@temporalio/workflow';
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

  /** Takes note of what a step tells, unless something newer is known. @returns false when it is */
  take({ version = this.version, status, resolution, verdict, severity, score, alertType, round }: Told): boolean {
    if (version < this.version) return false;
    this.version = version;
    Object.assign(this.progress, { status, verdict, score });
    this.resolution = resolution;
    if (alertType !== undefined && alertType !== 'unclassified') this.alertType = alertType;
    // a step that does not know takes nothing back
    if (round !== undefined) this.roundAsked = round ?? 0;
    const shown = { status, verdict, severity, score };
    // it was started with what it is told first
    this.show ??= createShow(shown);
    this.show(shown);
    return true;
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
