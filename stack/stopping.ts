/** A second Ctrl-C counts as one only after this: npm and the terminal may both pass on the first, ms. */
const IMPATIENT_AFTER_MS = 1500;

/**
 * Aborted when this process is told to stop, or when what started it is gone. Being told again ends it at once; the
 * guards of its children then end those.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let since = 0;
  const stop = (): void => {
    if (!controller.signal.aborted) {
      since = Date.now();
      controller.abort();
    } else if (Date.now() - since > IMPATIENT_AFTER_MS) {
      process.exit(130);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  process.once('disconnect', stop);
  // whoever read our output may be gone with it; stopping in order matters more than saying so
  for (const stream of [process.stdout, process.stderr]) stream.on('error', stop);
  return controller.signal;
}
