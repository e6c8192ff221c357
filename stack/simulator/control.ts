import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { parseRule, type Faults } from './faults';
import type { LimitKeeper } from './limits';
import { jsonReply, type Reply } from './providers';
import type { RequestLog } from './request-log';

export interface Controlled {
  faults: Faults;
  limits: LimitKeeper;
  log: RequestLog;
}

const USAGE =
  'POST /_control a rule, POST /_control/limits what is allowed, GET it back, GET or DELETE /_control/requests what was asked';

/**
 * `POST /_control` orders a fault (a `Rule`), `POST /_control/limits` replaces what the services allow, `GET` of it shows
 * that and how many requests were refused, `GET /_control/requests` lists what was asked, `DELETE` forgets it.
 */
export async function control(request: IncomingMessage, path: string, controlled: Controlled): Promise<Reply> {
  const { faults, limits, log } = controlled;
  try {
    switch (`${request.method} ${path}`) {
      case 'POST /_control':
        faults.order(parseRule(JSON.parse(await text(request))));
        return jsonReply(200, { active: faults.active });
      case 'POST /_control/limits':
        limits.set(JSON.parse(await text(request)));
        return jsonReply(200, shown(limits));
      case 'GET /_control/limits':
        return jsonReply(200, shown(limits));
      case 'GET /_control/requests':
        return jsonReply(200, log.entries());
      case 'DELETE /_control/requests':
        log.clear();
        return jsonReply(200, []);
      default:
        return jsonReply(405, { error: USAGE });
    }
  } catch (error) {
    return jsonReply(422, { error: error instanceof Error ? error.message : String(error) });
  }
}

function shown({ limits, refused }: LimitKeeper): unknown {
  return { limits, refused };
}
