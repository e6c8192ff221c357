import { ApplicationFailure, currentUpdateInfo, setHandler, uuid4 } from '@temporalio/workflow';
import { actorOf, readActMessage, readChangeMessage, usageOf } from '../domain/act-messages';
import type { ActMessage } from '../domain/act-messages';
import { foreseenRefusal, RUN_ACTS } from '../domain/acts';
import type { ActRequest, Refusal } from '../domain/acts';
import type { Status } from '../domain/incident';
import { actUpdates, changeUpdate } from './messages';
import type { Acted } from './messages';

/** Somebody's request, as the run carries it out. */
export interface Order {
  request: ActRequest;
  requestId: string;
  actor: string;
  ifVersion?: number | undefined;
}

interface Handling {
  /** Undefined while the run does not know it yet. */
  status: () => Status | undefined;
  carryOut: (order: Order) => Promise<Acted>;
}

/**
 * Hears analysts. What cannot be read, or is known to be in vain, is refused at once and leaves nothing in the history; the
 * activity looks again, under the incident's lock.
 */
export function handleActs({ status, carryOut }: Handling): void {
  const check = (read: ActRequest | string): void => {
    const refused = foreseenRefusal(understood(read), status(), new Date().toISOString());
    if (refused) throw failureOf(refused);
  };
  const order = (read: ActRequest | string, message: ActMessage | undefined): Promise<Acted> => {
    const request = understood(read);
    const { requestId = currentUpdateInfo()?.id ?? uuid4(), ifVersion } = message ?? {};
    return carryOut({ request, requestId, actor: actorOf(message), ifVersion });
  };
  for (const name of RUN_ACTS) {
    setHandler(actUpdates[name], (message) => order(readActMessage(name, message), message), {
      validator: (message) => check(readActMessage(name, message)),
      description: usageOf(name),
    });
  }
  setHandler(changeUpdate, (message) => order(readChangeMessage(message), message), {
    validator: (message) => check(readChangeMessage(message)),
    description: 'Several acts at once: {"acts": [{"act": "close", "resolution": "false_positive"}, …], "reason": "…"}',
  });
}

/** @throws ApplicationFailure with how to ask, when it could not be read */
function understood(read: ActRequest | string): ActRequest {
  if (typeof read !== 'string') return read;
  throw failureOf({ type: 'InvalidRequest', message: read });
}

function failureOf({ type, message }: Refusal): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}
