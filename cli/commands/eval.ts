import { writeFileSync } from 'node:fs';
import { EvaluationError } from '../../evaluation/errors';
import { BUILT_IN_CASES } from '../../evaluation/load';
import { renderPage } from '../../evaluation/page/render';
import { DEFAULT_NAME } from '../../evaluation/policies';
import { missesOf, type Evaluation } from '../../evaluation/result';
import { runEvaluation } from '../../evaluation/run';
import { CliError, EXIT, messageOf, UsageError, type ExitCode } from '../errors';
import { showChanges, showFigures, showMisses } from '../eval-view';
import type { Session } from '../session';
import { clean } from '../text';

export interface EvalOptions {
  cases?: string[];
  policy?: string;
  against?: string;
  html?: string;
  failing?: boolean;
  playbooks?: boolean;
}

/** `soar eval`: how good the verdict policy is, over labelled cases. Exit 1 when it misses a target. */
export async function evalCommand({ out }: Session, options: EvalOptions): Promise<ExitCode> {
  const evaluation = await measured(options);
  if (options.html !== undefined) writePage(options.html, evaluation);
  const { failing = false } = options;
  if (out.json) out.data(failing ? { ...evaluation, cases: missesOf(evaluation) } : evaluation);
  else {
    if (!failing) showFigures(out, evaluation, options);
    showMisses(out, evaluation);
    if (evaluation.against) showChanges(out, evaluation.against);
  }
  if (options.html !== undefined) out.note(`The page is in ${clean(options.html)}`);
  return evaluation.met ? EXIT.ok : EXIT.failure;
}

async function measured({ cases, policy = DEFAULT_NAME, against }: EvalOptions): Promise<Evaluation> {
  try {
    return await runEvaluation({ cases: cases ?? BUILT_IN_CASES, policy, against });
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    throw new UsageError('The evaluation cannot run.', error.problems.map(clean).join('\n'));
  }
}

function writePage(file: string, evaluation: Evaluation): void {
  try {
    writeFileSync(file, renderPage(evaluation));
  } catch (error) {
    throw new CliError(`The page cannot be written to ${file}: ${messageOf(error)}.`, undefined, EXIT.usage);
  }
}
