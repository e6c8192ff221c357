/** Thrown when cases or policies cannot be measured; names every problem with file, case and place. */
export class EvaluationError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The evaluation cannot run: ${problems.join('; ')}`);
    this.name = 'EvaluationError';
  }
}
