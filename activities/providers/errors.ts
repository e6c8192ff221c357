import type { ToldQuota } from '../../domain/quota';
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
  /** Of an unusable answer that is kept already. */
  rawSha256?: Buffer | undefined;
  httpStatus?: number | undefined;
  /** What the service itself says is left of its quota. */
  told?: ToldQuota | undefined;
}

/** Settings that are well-formed but cannot work, such as a file that is not there; found when the sources are made. */
export class ProviderSettingsError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The settings of the providers are not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ProviderSettingsError';
  }
}

/** A lookup without a usable answer. Its message is for people and holds no secret; there is no `cause`, which might. */
export class ProviderError extends Error {
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly raw?: RawDocument;
  readonly rawSha256?: Buffer;
  readonly httpStatus?: number;
  readonly told?: ToldQuota;

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
    if (details.rawSha256) this.rawSha256 = details.rawSha256;
    if (details.httpStatus !== undefined) this.httpStatus = details.httpStatus;
    if (details.told) this.told = details.told;
  }
}
