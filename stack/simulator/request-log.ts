import type { ProviderName } from './faults';
import type { Period } from './limits';

/** One request as it was answered; `status` is null while, or because, it was left hanging. */
export interface SeenRequest {
  at: string;
  provider: ProviderName | null;
  method: string;
  path: string;
  status: number | null;
  /** The limit that it broke; absent when it was within all. */
  over?: Period;
}

export interface RequestLog {
  /** Oldest first. */
  entries(): readonly SeenRequest[];
  /** @returns the entry, to be completed when the request is answered */
  add(request: Pick<SeenRequest, 'provider' | 'method' | 'path'>): SeenRequest;
  clear(): void;
}

/** So many are kept: a simulator may run for days. */
const MOST = 50_000;

export function createRequestLog(): RequestLog {
  let seen: SeenRequest[] = [];
  return {
    entries: () => seen.slice(-MOST),
    add(request) {
      const entry: SeenRequest = { at: new Date().toISOString(), ...request, status: null };
      seen.push(entry);
      if (seen.length >= 2 * MOST) seen = seen.slice(-MOST);
      return entry;
    },
    clear() {
      seen = [];
    },
  };
}
