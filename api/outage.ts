import type { Problem } from './problems';
import { unavailable } from './problems';
import { toProblem } from './to-problem';

/** Refusals in a row after which the database counts as away for the rest of a request. */
const ENOUGH = 4;

/**
 * Keeps a request of many parts from waiting for the database with each of them: when it has not answered several times
 * in a row, the parts that are left are refused at once.
 */
export function createOutageGuard(): { run<T>(work: () => Promise<T>): Promise<T | Problem> } {
  let inARow = 0;
  return {
    async run(work) {
      if (inARow >= ENOUGH) return unavailable('The database does not answer. This was not tried; send it again.');
      try {
        const result = await work();
        inARow = 0;
        return result;
      } catch (error) {
        const problem = toProblem(error);
        if (problem.kind === 'unavailable') inARow += 1;
        return problem;
      }
    },
  };
}
