import { ALERT_TYPES } from './alert';
import { LONGEST_REASON, RESOLUTIONS_BY_HAND } from './acts';
import type { Act, ActRequest, RunAct } from './acts';
import { SEVERITIES } from './severity';
import { normaliseTimestamp } from './time';
import { VERDICTS } from './verdict';

/** What the run of an incident is told to do: by the API, or by an operator who types it into the Temporal UI. */

/** Beside what an act needs of its own, such as `{"resolution": "false_positive"}`; all of it may be left out. */
export interface ActMessage {
  reason?: string;
  /** Names the request: asked for twice, it is done once. Default: the update's id. */
  requestId?: string;
  /** Who asks; default: that it came past the API, such as from the Temporal UI. */
  actor?: string;
  /** Refused when the incident has another version. */
  ifVersion?: number;
  /** Set by the API, which knows who asks; without it, the name is marked as one that somebody has typed. */
  via?: 'api';
}

/** Several acts at once. */
export interface ChangeMessage extends ActMessage {
  acts: Act[];
}

/** Who acts when nobody says so: whoever reaches the engine without the API. */
export const PAST_THE_API = 'Temporal UI';

/** Of the column that it ends up in. */
const LONGEST_ACTOR = 190;
/** An `Idempotency-Key` of 255 characters, each of them percent-encoded. */
const LONGEST_ID = 3 * 255;
const MOST_ACTS = 10;

/** What each act needs of its own, as the example shows. */
const EXAMPLES: Record<RunAct, object> = {
  acknowledge: {},
  hold: { until: '2026-12-24T08:00:00Z', reason: 'waits for the customer' },
  resume: {},
  close: { resolution: 'false_positive', reason: 'a known pentest' },
  reopen: { reason: 'seen again' },
  overrideVerdict: { verdict: 'benign', reason: 'a known pentest' },
  setSeverity: { severity: 'high' },
  reclassify: { alert_type: 'malware' },
};

/** In whose name it is done, as the audit says it. */
export function actorOf({ actor, via }: ActMessage = {}): string {
  if (actor === undefined) return PAST_THE_API;
  return via === 'api' ? actor : `${actor} (${PAST_THE_API})`.slice(0, LONGEST_ACTOR);
}

const ENVELOPE: readonly string[] = ['reason', 'requestId', 'actor', 'ifVersion', 'via'];

/** A key that nobody knows may be a misspelt one, such as that of the version. */
function knowsKeys(message: object, own: readonly string[]): boolean {
  return Object.keys(message).every((key) => ENVELOPE.includes(key) || own.includes(key));
}

/** How to ask for it, for people. */
export function usageOf(name: RunAct): string {
  return `Give ${JSON.stringify(EXAMPLES[name])}`;
}

/** Reads the message of an update that is named after its act. @returns what is wrong with it, where it cannot be read */
export function readActMessage(name: RunAct, message: unknown): ActRequest | string {
  const given = message ?? {};
  const act = readAct({ ...given, act: name });
  if (act === undefined || !isEnvelope(given) || !knowsKeys(given, Object.keys(act))) return usageOf(name);
  return requestOf([act], given);
}

/** As {@link readActMessage}, of the update that brings several acts. */
export function readChangeMessage(message: unknown): ActRequest | string {
  const usage = `Give {"acts": [{"act": "close", "resolution": "false_positive"}, …], "reason": "…"}`;
  if (!isEnvelope(message) || !knowsKeys(message, ['acts'])) return usage;
  const { acts } = message as Partial<ChangeMessage>;
  if (!Array.isArray(acts) || acts.length === 0 || acts.length > MOST_ACTS) return usage;
  const read = acts.map(readAct);
  return read.every((act) => act !== undefined) ? requestOf(read, message) : usage;
}

function requestOf(acts: Act[], { reason }: ActMessage): ActRequest {
  const text = reason?.trim();
  return text ? { acts, reason: text } : { acts };
}

function isText(value: unknown, most: number): boolean {
  return value === undefined || (typeof value === 'string' && value !== '' && value.length <= most);
}

/** Whether what says who asks, and what names the request, can be kept. */
export function isNamed({ requestId, actor }: { requestId?: unknown; actor?: unknown }): boolean {
  return isText(requestId, LONGEST_ID) && isText(actor, LONGEST_ACTOR);
}

function isEnvelope(message: unknown): message is ActMessage {
  if (typeof message !== 'object' || message === null) return false;
  const { reason, ifVersion, via } = message as Record<string, unknown>;
  return (
    (reason === '' || isText(reason, LONGEST_REASON)) &&
    isNamed(message) &&
    (via === undefined || via === 'api') &&
    (ifVersion === undefined || Number.isSafeInteger(ifVersion))
  );
}

/** Only what belongs to the act is kept. */
function readAct(given: unknown): Act | undefined {
  const { act, ...fields } = (given ?? {}) as Record<string, unknown>;
  const isOneOf = <const T extends readonly string[]>(values: T, value: unknown): value is T[number] =>
    values.some((one) => one === value);
  const { alert_type, severity, verdict, resolution, until, assignee, text } = fields;
  switch (act) {
    case 'acknowledge':
    case 'resume':
    case 'reopen':
      return { act };
    case 'reclassify':
      return isOneOf(ALERT_TYPES, alert_type) ? { act, alert_type } : undefined;
    case 'setSeverity':
      return isOneOf(SEVERITIES, severity) ? { act, severity } : undefined;
    case 'overrideVerdict':
      return isOneOf(VERDICTS, verdict) ? { act, verdict } : undefined;
    case 'close':
      return isOneOf(RESOLUTIONS_BY_HAND, resolution) ? { act, resolution } : undefined;
    case 'hold': {
      const end = typeof until === 'string' ? normaliseTimestamp(until) : undefined;
      return end === undefined ? undefined : { act, until: end };
    }
    case 'assign':
      return assignee === null || typeof assignee === 'string' ? { act, assignee } : undefined;
    case 'note':
      return typeof text === 'string' ? { act, text } : undefined;
    default:
      return undefined;
  }
}
