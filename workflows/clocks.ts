import { condition } from '@temporalio/workflow';
import type { Standing } from '../activities/contract';

/** Between two looks at clocks that had nothing to say yet, since the worker's clock may be behind. */
const LOOK_AGAIN_MS = 1_000;

/**
 * The clocks of an incident, beside whatever else its run does: sleeps until one of them has something to say, or a hold is
 * over, and has that tended. When that is, the activities say.
 */
export class Clocks {
  private at: string | null = null;
  private why = '';
  private underWay = false;

  /**
   * @param tend has what is due done, and says how the incident stands then
   * @param fail hears why they have stopped: a lost claim, a bug, or that the run is cancelled
   */
  constructor(
    private readonly tend: () => Promise<Standing>,
    private readonly fail: (error: unknown) => void,
  ) {}

  set({ clockAt, clockFor }: Pick<Partial<Standing>, 'clockAt' | 'clockFor'>): void {
    this.at = clockAt ?? null;
    this.why = clockFor ?? '';
  }

  /** True while something that was due is being done. */
  busy(): boolean {
    return this.underWay;
  }

  /** Ends only when it fails. */
  async run(): Promise<void> {
    try {
      for (;;) await this.next();
    } catch (error) {
      this.fail(error);
    }
  }

  private async next(): Promise<void> {
    await condition(() => this.at !== null);
    const at = this.at as string;
    const wait = Math.max(Date.parse(at) - Date.now(), LOOK_AGAIN_MS);
    if (await condition(() => this.at !== at, wait, { summary: this.why })) return;
    this.underWay = true;
    try {
      this.set(await this.tend());
    } finally {
      this.underWay = false;
    }
  }
}
