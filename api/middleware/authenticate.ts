import { createHash } from 'node:crypto';
import type { Request } from 'express';
import type { Store } from '../../db/store';
import { Problem } from '../problems';

/** Who calls: the key's name stands in the audit. */
export interface Caller {
  name: string;
  role: string;
}

export interface Authenticator {
  /** @throws Problem 401 */
  authenticate(request: Request): Promise<Caller>;
}

/** A revoked key is refused after this at the latest, ms. */
const CACHE_MS = 10_000;
const CACHE_SIZE = 1_000;

/** A key of ours is far shorter; longer ones are not worth hashing. */
const MAX_KEY_LENGTH = 256;

/**
 * Checks API keys. The database finds a key by its SHA-256, so that no comparison depends on how much of a key was
 * guessed; known keys are remembered, by the same hash, for ten seconds.
 */
export function createAuthenticator(apiKeys: Pick<Store['apiKeys'], 'verify'>, clock: () => Date): Authenticator {
  const known = new Map<string, { caller: Caller; until: number }>();

  function remember(hash: string, caller: Caller): void {
    const oldest = known.keys().next();
    if (known.size >= CACHE_SIZE && !oldest.done) known.delete(oldest.value);
    known.set(hash, { caller, until: clock().getTime() + CACHE_MS });
  }

  return {
    async authenticate(request) {
      const key = keyOf(request);
      if (!key) throw unauthenticated('This call needs an API key.');
      const hash = createHash('sha256').update(key).digest('base64');
      const cached = known.get(hash);
      if (cached && cached.until > clock().getTime()) return cached.caller;
      known.delete(hash);
      const caller = key.length > MAX_KEY_LENGTH ? undefined : await apiKeys.verify(key);
      if (!caller) throw unauthenticated('The API key is not known or has been revoked.');
      remember(hash, caller);
      return caller;
    },
  };
}

/** The key as it was shown: `Authorization: Bearer`, HTTP Basic with the key as password, or `X-API-Key`. */
function keyOf(request: Request): string | undefined {
  const [scheme = '', credentials = ''] = (request.get('authorization') ?? '').split(/ +(.*)/s);
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return credentials.trim();
    case 'basic': {
      const pair = Buffer.from(credentials, 'base64').toString('utf8');
      return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : undefined;
    }
    case '':
      return request.get('x-api-key')?.trim();
    default:
      return undefined;
  }
}

function unauthenticated(why: string): Problem {
  return new Problem(
    'unauthenticated',
    `${why} Send it as "Authorization: Bearer …", as "X-API-Key: …", or as the password of HTTP Basic.`,
    { headers: { 'WWW-Authenticate': 'Basic realm="soar", charset="UTF-8", Bearer realm="soar"' } },
  );
}
