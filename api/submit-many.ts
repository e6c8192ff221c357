import { mapPool } from '../domain/map-pool';
import { keyOfPart, readAlerts, type Commit, type Delivery } from './accept-document';
import { refuseCount, type SubmittedItem } from './batch-items';
import type { RouteDeps, RouteInput } from './define-route';
import { createOutageGuard } from './outage';
import { Problem, problemDocument, RETRY_AFTER_SECONDS, unavailable } from './problems';
import type { BatchAnswer, DocumentAnswer } from './schemas/submission';
import { submissionAnswer } from './submission-answer';

type Entry = BatchAnswer['results'][number];
type AlertEntry = DocumentAnswer['results'][number];
type OutageGuard = ReturnType<typeof createOutageGuard>;

/** Of one request at once; other requests need the database too. */
const AT_ONCE = 4;

/** The request that brings many. */
export interface Bringing {
  input: Pick<RouteInput<unknown, unknown, unknown>, 'requestId' | 'url' | 'logger'>;
  delivery: Delivery;
  deps: RouteDeps;
}

/**
 * Commits the alerts of one document, each on its own.
 * @throws Problem 503 when the database is away and none was committed
 */
export async function commitAll(commits: readonly Commit[], bringing: Bringing): Promise<DocumentAnswer> {
  return unlessAllLost(await commitEach(commits, bringing, { guard: createOutageGuard(), atOnce: AT_ONCE }));
}

/**
 * Takes each item as `POST /alerts` would: what is wrong with one is its own affair.
 * @throws Problem 503 when the database is away and none was committed
 */
export async function submitAll(items: readonly SubmittedItem[], bringing: Bringing): Promise<BatchAnswer> {
  const guard = createOutageGuard();
  let taken = 0;
  const results = await mapPool(items, AT_ONCE, async (item, index): Promise<Entry> => {
    const { delivery, deps } = bringing;
    const own = { ...bringing, delivery: { ...delivery, idempotencyKey: keyOfPart(delivery.idempotencyKey, index) } };
    const outcome = await guard.run(async () => {
      const commits = await readAlerts(item, own.delivery, deps);
      // items that hold many alerts share what one request may bring
      taken += commits.length;
      if (commits.length > 1) refuseCount(taken);
      const [only, ...more] = commits;
      if (!only || more.length > 0) return unlessAllLost(await commitEach(commits, own, { guard, atOnce: 1 }));
      return only();
    });
    return outcome instanceof Problem || !('results' in outcome)
      ? alertEntry(outcome, index, bringing)
      : { index, http_status: 200, ...outcome };
  });
  return unlessAllLost({ results, ...countsOf(results) });
}

/** Headers of an answer some parts of which were refused for now. */
export function retryHeaders({ results }: BatchAnswer): Record<string, string> {
  return results.some(isRefusedForNow) ? { 'Retry-After': String(RETRY_AFTER_SECONDS) } : {};
}

async function commitEach(
  commits: readonly Commit[],
  bringing: Bringing,
  { guard, atOnce }: { guard: OutageGuard; atOnce: number },
): Promise<DocumentAnswer> {
  const results = await mapPool(commits, atOnce, async (commit, index) =>
    alertEntry(await guard.run(commit), index, bringing),
  );
  return { results, ...countsOf(results) };
}

function alertEntry(outcome: Awaited<ReturnType<Commit>> | Problem, index: number, bringing: Bringing): AlertEntry {
  const { input, deps } = bringing;
  if (!(outcome instanceof Problem)) {
    return { index, http_status: outcome.duplicate ? 200 : 202, ...submissionAnswer(outcome, deps) };
  }
  if (outcome.status >= 500) input.logger.error({ err: outcome, index }, 'part of a request failed');
  const [path = ''] = input.url.split('?');
  return { index, http_status: outcome.status, ...problemDocument(outcome, path, input.requestId) };
}

function countsOf(results: readonly Entry[]): Pick<BatchAnswer, 'accepted' | 'duplicates' | 'failed'> {
  const counts = { accepted: 0, duplicates: 0, failed: 0 };
  for (const entry of results) {
    if ('results' in entry) {
      counts.accepted += entry.accepted;
      counts.duplicates += entry.duplicates;
      counts.failed += entry.failed;
    } else if (!('incident_id' in entry)) counts.failed += 1;
    else if (entry.duplicate) counts.duplicates += 1;
    else counts.accepted += 1;
  }
  return counts;
}

/** Nothing was committed and the database is away: the whole may be sent again as it is. */
function unlessAllLost<T extends BatchAnswer>(answer: T): T {
  if (answer.accepted + answer.duplicates > 0 || !answer.results.some(isRefusedForNow)) return answer;
  throw unavailable('The database does not answer. Nothing was stored; try again.');
}

function isRefusedForNow(entry: Entry): boolean {
  return 'results' in entry ? entry.results.some(isRefusedForNow) : entry.http_status === 503;
}
