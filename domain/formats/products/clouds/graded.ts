import { fits } from '../../../classification/pattern';
import { SEVERITIES, type Severity } from '../../../severity';
import { candidates, type Reading } from '../../readings';

/** Patterns of event classes by how bad such an event is, mildest last to be asked; `*` stands for anything. */
export type Grades = Readonly<Partial<Record<Severity, readonly string[]>>>;

/**
 * The severity of an audit event, which has none of its own: the worst grade that one of its classes fits, low where none
 * does. Most of what an audit log says is nobody's alert.
 */
export function graded(classes: Reading, grades: Grades): Reading {
  return (document) => {
    const found = candidates(classes, document);
    const worst = SEVERITIES.findLast((severity) =>
      grades[severity]?.some((pattern) => found.some(({ value }) => fits(String(value), pattern))),
    );
    return [{ value: worst ?? 'low', pointer: found[0]?.pointer ?? '' }];
  };
}
