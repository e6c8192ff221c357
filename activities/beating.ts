import { Context } from '@temporalio/activity';

/** A lost worker is noticed within half a minute; the engine itself is told less often than this. */
const BEAT_MS = 5_000;

export interface Beat {
  /** Aborts when the activity is cancelled, or its worker is going down. */
  signal: AbortSignal;
  /** What the engine, and people who look at it there, are told from now on. */
  tell: (details: unknown) => void;
}

/**
 * Lets the engine know, while `work` goes on, that its worker lives.
 * @throws CancelledFailure when the work has ended early because its signal told it to, whatever it threw
 */
export async function beating<T>(work: (beat: Beat) => Promise<T>): Promise<T> {
  const context = Context.current();
  const { cancellationSignal: signal } = context;
  let details: unknown;
  const timer = setInterval(() => context.heartbeat(details), BEAT_MS);
  try {
    return await work({
      signal,
      tell(told) {
        details = told;
        context.heartbeat(details);
      },
    });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearInterval(timer);
  }
}
