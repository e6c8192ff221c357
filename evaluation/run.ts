import { createGuardSource, VENDORED_GUARDS } from '../config/guards';
import { evaluate } from './evaluate';
import { loadCases } from './load';
import { readPolicy, type NamedPolicy } from './policies';
import { resultOf, type Evaluation } from './result';

export interface EvaluationRequest {
  /** Files and folders of cases. */
  cases: readonly string[];
  /** A file, or `default`. */
  policy: string;
  /** Another policy that the measured one is compared with. */
  against?: string | undefined;
}

/**
 * Measures a policy over labelled cases, with the warning lists that come with the code, so that the figures are the same
 * everywhere.
 * @throws EvaluationError when cases or policies are not usable
 */
export async function runEvaluation({ cases: paths, policy, against }: EvaluationRequest): Promise<Evaluation> {
  const measured = readPolicy(policy);
  const before = against === undefined ? undefined : readPolicy(against);
  const cases = loadCases(paths);
  const lists = createGuardSource([VENDORED_GUARDS]).current();
  const judge = async (named: NamedPolicy) => ({ ...named, judged: await evaluate(cases, named.policy, lists) });
  return resultOf(await judge(measured), before && (await judge(before)));
}
