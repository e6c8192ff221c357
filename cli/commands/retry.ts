import type { Incident, RetryAnswer } from '../client';
import { EXIT, type ExitCode } from '../errors';
import { followToVerdict, isReassessed } from '../follow';
import type { Output } from '../output';
import { requestKey } from '../request-key';
import { showOutcome, showStep } from '../run-view';
import type { Session } from '../session';
import { renderList } from '../table';
import { clean } from '../text';
import { showLinks } from './alert';

export interface RetryOptions {
  /** `source/type:value` of what to ask again; all that failed or waits when left out. */
  only?: string[];
  wait?: boolean;
  /** Seconds. */
  timeout: number;
  /** Names the request: asked for twice, it is done once. */
  idempotencyKey?: string;
}

/** `soar retry`: has what failed or waits asked again, and with `--wait` follows the incident to its new verdict. */
export async function retryCommand(session: Session, id: string, options: RetryOptions): Promise<ExitCode> {
  const incidentId = id.toUpperCase();
  const idempotencyKey = requestKey(options.idempotencyKey);
  const client = await session.client();
  const before = options.wait ? await client.incident(incidentId) : undefined;
  const answer = await client.retry(incidentId, { enrichments: options.only, idempotencyKey });
  const { out } = session;
  if (!before) {
    if (out.json) out.data(answer);
    else showAnswer(out, answer);
    return EXIT.ok;
  }
  if (!out.json) showAnswer(out, answer);
  const incident = await followToVerdict({
    client,
    incidentId,
    timeoutMs: options.timeout * 1000,
    afterSeq: before.audit.at(-1)?.seq ?? 0,
    isOver: (now) => isReassessed(now, answer.retried),
    onStep: (row) => {
      if (!out.json) showStep(out, row);
    },
  });
  if (out.json) out.data(incident);
  else showEnd(out, incident, before);
  return EXIT.ok;
}

function showAnswer(out: Output, { incident_id, retried }: RetryAnswer): void {
  const counted = retried.length === 1 ? 'one lookup is' : `${retried.length} lookups are`;
  out.line(`${out.colours.bold(incident_id)} ${counted} asked again:`);
  const rows = retried.map(({ source, observable, state }) => [
    clean(source),
    clean(observable),
    BEFORE[state] ?? state,
  ]);
  renderList(rows, { width: out.width }).forEach((line) => out.line(line));
}

/** What was known of a lookup before. */
const BEFORE: Record<string, string> = {
  failed: 'had failed',
  waiting: 'was waiting',
  not_configured: 'was not set up',
};

function showEnd(out: Output, incident: Incident, before: Incident): void {
  showOutcome(out, incident, before);
  showLinks(out, incident.links);
}
