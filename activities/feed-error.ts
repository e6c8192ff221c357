/** A feed that could not be fetched. Its message is for people and names the host only: the rest may be a secret. */
export class FeedError extends Error {
  /** Asking again may help. */
  readonly retryable: boolean;
  /** Wait at least this long before, ms. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    { retryable = true, retryAfterMs }: { retryable?: boolean; retryAfterMs?: number } = {},
  ) {
    super(message);
    this.name = 'FeedError';
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
  }
}
