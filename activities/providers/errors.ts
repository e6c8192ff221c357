import type { RawDocument } from './provider';

/** What went wrong between us and a provider; `rate_limited` is a throttle that named no time to come back. */
export type ProviderErrorKind =
  'unauthorized' | 'forbidden' | 'bad_request' | 'rate_limited' | 'unavailable' | 'timeout' | 'invalid_response';

/** Asking again cannot mend these: the key, the plan or the question is wrong. */
const FINAL: readonly ProviderErrorKind[] = ['unauthorized', 'forbidden', 'bad_request'];

export interface ProviderErrorDetails {
  /** Wait at least this long before asking again, ms. */
  retryAfterMs?: number | undefined;
  /** The unusable answer as it came: it is evidence too. */
  raw?: RawDocument | undefined;
  httpStatus?: number | undefined;
}

/** A lookup without a usable answer. Its message is for people and holds no secret; there is no `cause`, which might. */
export class ProviderError extends Error {
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly raw?: RawDocument;
  readonly httpStatus?: number;

  constructor(
    readonly kind: ProviderErrorKind,
    message: string,
    details: ProviderErrorDetails = {},
  ) {
    super(message);
    this.name = 'ProviderError';
    this.retryable = !FINAL.includes(kind);
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.raw) this.raw = details.raw;
    if (details.httpStatus !== undefined) this.httpStatus = details.httpStatus;
  }
}
