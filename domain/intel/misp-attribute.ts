import type { Finding, IocType } from './indicator';
import { found, problem, told } from './told';
import { typedParts, typeNamed, type TypedText } from './type-names';

/** An attribute of a MISP event, as JSON or CSV has it. */
export interface MispAttribute {
  type: string;
  value: string;
  category: string;
  /** False: context, nothing to alarm on. */
  toIds: boolean;
  first_seen?: unknown;
  last_seen?: unknown;
  tags: readonly string[];
  reference: string | undefined;
}

/**
 * Of what is only context: the value is known and shown with where it is from, but stays below the confidence from which
 * on an entry counts.
 */
export const CONTEXT_CONFIDENCE = 10;
/** Where analysts put what they have read, which is mostly about somebody else's pages. */
const READING = /^(?:external analysis|internal reference|attribution|support tool)$/i;

/** Of victims: their mail addresses and machines, also where somebody has set `to_ids`. */
const TARGET = /^targeting data$/i;

/** What comes of an attribute: an indicator for each part of a composite type that can be looked up. */
export function readMispAttribute(attribute: MispAttribute, line: number, now: string): Finding[] {
  const { type, value, category, toIds } = attribute;
  if (TARGET.test(category)) return [problem(line, 'unsupported', value, 'Names a target, not what attacked it')];
  const parts = lookedUp(typedParts(type, value));
  if (parts.length === 0) {
    return [problem(line, 'unsupported', value, `Is of type ${type.slice(0, 50)}, which cannot be looked up`)];
  }
  if (!toIds && READING.test(category)) {
    return [problem(line, 'unsupported', value, `Is context only (${category}, to_ids is false)`)];
  }
  const about = told(
    {
      first_seen: attribute.first_seen,
      last_seen: attribute.last_seen,
      reference: attribute.reference,
      tags: toIds ? attribute.tags : [...attribute.tags, 'to_ids:false'],
      confidence: toIds ? undefined : CONTEXT_CONFIDENCE,
    },
    now,
  );
  return parts.map(({ known, text }) => found(line, known, text, about));
}

function lookedUp(parts: readonly TypedText[]): { known: IocType; text: string }[] {
  return parts.flatMap(({ word, text }) => {
    const known = typeNamed(word);
    return known === undefined || known === 'unsupported' ? [] : [{ known, text }];
  });
}
