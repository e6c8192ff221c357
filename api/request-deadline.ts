import type { IncomingMessage } from 'node:http';

/** A request has to be there whole by then, ms; but for one that a route lets take its time. */
const WHOLE_REQUEST_MS = 60_000;
/** A file may take long to come, as long as it comes, ms. */
const SILENCE_MS = 60_000;

const deadlines = new WeakMap<IncomingMessage, NodeJS.Timeout>();

/** Has `onLate` called when the request has not come to its end in time. */
export function startDeadline(request: IncomingMessage, onLate: () => void): void {
  const timer = setTimeout(onLate, WHOLE_REQUEST_MS).unref();
  deadlines.set(request, timer);
  const clear = () => clearTimeout(timer);
  request.once('end', clear);
  request.once('close', clear);
}

/** Lets a request be as long as it is while `work` reads it: it is only let go when nothing comes any more. */
export async function takingItsTime<T>(request: IncomingMessage, work: () => Promise<T>): Promise<T> {
  clearTimeout(deadlines.get(request));
  // a socket that nobody listens to about its silence is closed by Node
  request.socket.setTimeout(SILENCE_MS);
  try {
    return await work();
  } finally {
    request.socket.setTimeout(0);
  }
}
