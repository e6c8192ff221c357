import { ApplicationFailure } from '@temporalio/workflow';
import { isNamed } from '../domain/act-messages';
import { LOOKUP_NAME, MOST_LOOKUP_NAMES } from '../domain/lookup-name';

/** @throws ApplicationFailure `InvalidRequest` */
export function checkRetryRequest(request: unknown): void {
  const given = (request ?? {}) as Record<string, unknown>;
  const { enrichments } = given;
  const names = Array.isArray(enrichments) ? (enrichments as unknown[]) : [];
  const named = names.every((name) => typeof name === 'string' && LOOKUP_NAME.test(name));
  const some = enrichments === undefined || (names.length > 0 && names.length <= MOST_LOOKUP_NAMES);
  if (isNamed(given) && named && some) return;
  throw ApplicationFailure.nonRetryable(
    'Give nothing, or {"enrichments": ["source/type:value", …]}, for example ["virustotal/ip:192.0.2.1"]',
    'InvalidRequest',
  );
}
