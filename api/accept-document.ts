import type { Accepted } from '../db/repositories/alerts';
import { canonicalJson } from '../domain/canonical-json';
import type { ParsedAlert } from '../domain/formats';
import { acceptAlert, tellEngine } from './accept-alert';
import type { SubmittedItem } from './batch-items';
import type { RouteDeps } from './define-route';
import { parseAlerts } from './parse-alerts';

/** What a request says of all it brings. */
export interface Delivery {
  /** Name of the key that submitted it. */
  actor: string;
  format?: string | undefined;
  idempotencyKey?: string | undefined;
}

/** An alert that was committed, and how it was understood. */
export interface Understood extends Accepted, Required<Pick<ParsedAlert, 'origins' | 'leftOver'>> {}

/** An alert that was read and only has to be committed. */
export type Commit = () => Promise<Understood>;

/**
 * Reads a document: one function for each of its alerts, which commits it.
 * @throws Problem 400, 413, 422
 */
export async function readAlerts(item: SubmittedItem, delivery: Delivery, deps: RouteDeps): Promise<Commit[]> {
  const receivedAt = deps.clock().toISOString();
  const { mediaType } = item;
  const alerts = await parseAlerts({ body: item.read(), mediaType, format: delivery.format, receivedAt });
  return commitsOf(alerts, { item, delivery, receivedAt }, deps);
}

/** How the alerts of a document came in. */
export interface Arrival {
  item: Pick<SubmittedItem, 'bytes' | 'mediaType' | 'charset'>;
  delivery: Delivery;
  receivedAt: string;
}

/** Alerts of one document are committed one by one, so that each is answered for; then each has its playbook started. */
export function commitsOf(alerts: readonly ParsedAlert[], arrival: Arrival, deps: RouteDeps): Commit[] {
  const { item, delivery, receivedAt } = arrival;
  const { actor, idempotencyKey } = delivery;
  const kept = { original: item.bytes, mediaType: mediaTypeOf(item), receivedAt, actor };
  const isOnly = alerts.length === 1;
  const keep = succeedingOnce(() => deps.store.alerts.keepOriginal(kept));
  return alerts.map((alert, index) => async () => {
    const identity = isOnly ? { idempotencyKey } : identityWithin(alert, index, idempotencyKey);
    if (!isOnly) await keep();
    const accepted = await acceptAlert(alert, { ...kept, originalKept: !isOnly, ...identity }, deps);
    tellEngine(accepted, deps.engine);
    return { ...accepted, origins: alert.origins ?? {}, leftOver: alert.leftOver ?? [] };
  });
}

/** Does it for the first who asks, and again only where it failed. */
function succeedingOnce(work: () => Promise<void>): () => Promise<void> {
  let doing: Promise<void> | undefined;
  return () =>
    (doing ??= work().catch((error: unknown) => {
      doing = undefined;
      throw error;
    }));
}

/** Bytes are no text any more once nobody knows their charset. */
function mediaTypeOf({ mediaType, charset }: Arrival['item']): string {
  return charset === 'utf-8' ? mediaType : `${mediaType}; charset=${charset}`;
}

/** No header can hold the sign, so that no single alert's key is that of a part. */
export function keyOfPart(key: string | undefined, index: number): string | undefined {
  return key === undefined ? undefined : `${key}\n${index}`;
}

/** The document as a whole cannot stand for one of its several alerts; the alert's own part of it can. */
function identityWithin({ original }: ParsedAlert, index: number, key: string | undefined) {
  return { idempotencyKey: keyOfPart(key, index), identityBody: Buffer.from(canonicalJson(original)) };
}
