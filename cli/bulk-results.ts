import { followAll, type BulkResult, type FollowAllOptions } from './bulk';
import { machineResult, MOST_FAILURES, showResults } from './bulk-view';
import type { Output } from './output';
import type { Sent } from './stream/send';

/** Results that are shown in a table, and whose verdicts are waited for; of more only the counts are. */
const MOST_KEPT = 1_000;

export interface BulkResults {
  add(sent: readonly Sent[]): void;
  /** Waits for the verdicts, where that is wanted, and shows what was not shown yet. */
  finish(
    options: Omit<FollowAllOptions, 'onSettled'> & { onSettled: (done: number, of: number) => void },
  ): Promise<void>;
  /** The first failures, those to get a verdict included. */
  readonly failures: readonly Pick<BulkResult, 'name' | 'failure'>[];
  /** Alerts that were accepted and got no verdict in time. */
  readonly withoutVerdict: number;
}

/** Keeps the results of a run for its end while they are few; of many it gives each as it comes, or only counts. */
export function createBulkResults(out: Output, wait: boolean): BulkResults {
  const failures: BulkResult[] = [];
  let withoutVerdict = 0;
  let kept: BulkResult[] | undefined = out.json && !wait ? undefined : [];

  function fail(results: readonly BulkResult[]): void {
    const room = MOST_FAILURES - failures.length;
    if (room > 0) failures.push(...results.filter(({ failure }) => failure !== undefined).slice(0, room));
  }

  function give(results: readonly BulkResult[]): void {
    if (out.json) results.forEach((result) => out.data(machineResult(result)));
  }

  return {
    failures,
    get withoutVerdict() {
      return withoutVerdict;
    },
    add(sent) {
      const results = sent.map(({ item, answer, failure }): BulkResult => ({
        name: item.name,
        answer,
        incident: undefined,
        failure,
      }));
      fail(results);
      if (!kept) return give(results);
      kept.push(...results);
      if (kept.length <= MOST_KEPT) return;
      give(kept);
      kept = undefined;
      const left = wait ? 'verdicts are not waited for, and ' : '';
      if (out.json) return;
      out.note(`More than ${MOST_KEPT} alerts: ${left}only counts are shown. \`soar incidents\` lists them.`);
    },
    async finish(options) {
      if (!kept || kept.length === 0) return;
      if (wait) {
        const open = kept.filter(({ answer }) => answer).length;
        let done = 0;
        const before = new Set(kept.filter(({ failure }) => failure).map(({ name }) => name));
        kept = await followAll(kept, { ...options, onSettled: () => options.onSettled(++done, open) });
        const late = kept.filter(({ name, failure }) => failure && !before.has(name));
        withoutVerdict = late.length;
        fail(late);
      }
      if (out.json) give(kept);
      else showResults(out, kept, wait);
    },
  };
}
