import { ApplicationFailure } from '@temporalio/workflow';
import { LOOKUP_NAME, MOST_LOOKUP_NAMES } from '../domain/lookup-name';

/** Of the column that it ends up in. */
const LONGEST_ACTOR = 190;
/** An `Idempotency-Key` of 255 characters, each of them percent-encoded. */
const LONGEST_ID = 3 * 255;

/** @throws ApplicationFailure `InvalidRequest` */
export function checkRetryRequest(request: unknown): void {
  const { enrichments, requestId, actor } = (request ?? {}) as Record<string, unknown>;
  const text = (value: unknown, most: number) =>
    value === undefined || (typeof value === 'string' && value !== '' && value.length <= most);
  const names = Array.isArray(enrichments) ? (enrichments as unknown[]) : [];
  const named = names.every((name) => typeof name === 'string' && LOOKUP_NAME.test(name));
  const some = enrichments === undefined || (names.length > 0 && names.length <= MOST_LOOKUP_NAMES);
  if (text(requestId, LONGEST_ID) && text(actor, LONGEST_ACTOR) && named && some) return;
  throw ApplicationFailure.nonRetryable(
    'Give nothing, or {"enrichments": ["source/type:value", …]}, for example ["virustotal/ip:192.0.2.1"]',
    'InvalidRequest',
  );
}
