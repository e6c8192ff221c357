import { setTimeout as sleep } from 'node:timers/promises';
import type { Incident, SoarClient } from './client';
import { CliError } from './errors';
import { ApiUnreachableError } from './http';
import { clean } from './text';

export type AuditRow = Incident['audit'][number];

export interface FollowOptions {
  client: Pick<SoarClient, 'incident'>;
  incidentId: string;
  /** How long to wait for the verdict, ms. */
  timeoutMs: number;
  /** Called once for each audit row, in order. */
  onStep?: (row: AuditRow) => void;
  /** The last audit row that is not told, because it was there before; default 0. */
  afterSeq?: number;
  /** When to stop following; default {@link isSettled}. */
  isOver?: (incident: Incident) => boolean;
  signal?: AbortSignal | undefined;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2000;
/** A short restart of the API is sat out. */
const UNREACHABLE_LIMIT = 5;

/** Thrown when the verdict was not there in time; the run goes on without us. */
export class FollowTimeoutError extends CliError {
  constructor(incident: Incident | undefined, incidentId: string, timeoutMs: number) {
    const waits = incident?.missing.map((each) => `${each.source} for ${each.observable}`).join(', ');
    super(
      `No final verdict for ${incidentId} after ${Math.round(timeoutMs / 1000)} s${waits ? ` (missing: ${waits})` : ''}.`,
      `The run goes on; look again with \`soar incident ${incidentId}\`.`,
    );
    this.name = 'FollowTimeoutError';
  }
}

/** The steps of a round in their order; after the last one the report is there and the status is the round's. */
const ROUND = ['plan', 'score', 'decide', 'report', 'conclude'];

/** Whatever else changes an incident may write a report too, with no round around it; an overtaken round ends nothing. */
function isOfRound({ action, action_key: key, detail }: Pick<AuditRow, 'action' | 'action_key' | 'detail'>): boolean {
  return ROUND.includes(action) && /^\d+\//.test(key) && !(detail as { overtaken?: boolean }).overtaken;
}

/**
 * True when nothing more comes by itself: the verdict is in force and its round is over, or there is no playbook to
 * give one, or it was closed as it came.
 */
export function isSettled(incident: Incident): boolean {
  if (incident.alert_type === 'unclassified' || incident.suppressed_by) return true;
  const decided = incident.verdict_state === 'final' || incident.verdict_state === 'overridden';
  const lastStep = incident.audit.findLast(isOfRound)?.action;
  const underWay = lastStep !== undefined && lastStep !== 'conclude';
  return decided && !underWay && incident.status !== 'new' && incident.status !== 'investigating';
}

/** True when each of the lookups has come to its end, and the incident was scored and concluded after that. */
export function isReassessed(
  { audit, enrichments }: Pick<Incident, 'audit' | 'enrichments'>,
  lookups: readonly { source: string; observable: string }[],
): boolean {
  const isOne = (source: string | null, observable: string | null) =>
    lookups.some((each) => each.source === source && each.observable === observable);
  if (enrichments.some((each) => each.state === 'waiting' && isOne(each.source, each.observable))) return false;
  const ended = audit.findLastIndex((row) => row.action === 'lookup' && isOne(row.provider, row.observable));
  const scored = audit.findLastIndex((row) => row.action === 'score');
  const lastStep = audit.findLast(isOfRound)?.action;
  return scored > ended && lastStep === 'conclude';
}

/** True when nothing more comes by itself, and the incident was judged after it was last given another type. */
export function isRejudged(incident: Incident): boolean {
  const { audit } = incident;
  const retyped = audit.findLastIndex(({ detail }) => (detail as { alert_type?: { to?: string } }).alert_type?.to);
  const scored = audit.findLastIndex((row) => row.action === 'score' && isOfRound(row));
  return scored > retyped && isSettled(incident);
}

/** What a step is called: a lookup by its source. */
export function stepName({
  action,
  provider,
  observable,
}: Pick<AuditRow, 'action' | 'provider' | 'observable'>): string {
  return clean([provider ?? action, observable].filter(Boolean).join(' '));
}

/**
 * Polls the incident, faster while steps come in, until it is over.
 * @throws FollowTimeoutError when that takes longer than `timeoutMs`
 */
export async function followToVerdict(options: FollowOptions): Promise<Incident> {
  const deadline = performance.now() + options.timeoutMs;
  let pause = FIRST_PAUSE_MS;
  let seen = options.afterSeq ?? 0;
  const isOver = options.isOver ?? isSettled;
  let unreachable = 0;
  let incident: Incident | undefined;
  while (performance.now() < deadline) {
    try {
      incident = await options.client.incident(options.incidentId, { signal: options.signal });
      unreachable = 0;
    } catch (error) {
      if (!(error instanceof ApiUnreachableError) || ++unreachable > UNREACHABLE_LIMIT) throw error;
    }
    const fresh = incident?.audit.filter((row) => row.seq > seen) ?? [];
    fresh.forEach((row) => options.onStep?.(row));
    seen = fresh.at(-1)?.seq ?? seen;
    if (incident && unreachable === 0 && isOver(incident)) return incident;
    pause = fresh.length > 0 ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, pause * 1.5);
    await sleep(pause, undefined, { signal: options.signal });
  }
  throw new FollowTimeoutError(incident, options.incidentId, options.timeoutMs);
}
