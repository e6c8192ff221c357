import type { ProviderStatus } from '../db/repositories/quotas';
import type { Check } from './doctor';

/**
 * The outside sources in one line: which key was refused, whose quota is spent, what waits. A spent quota is no fault:
 * what waits is asked by itself; a refused key has to be replaced by somebody.
 */
export function checkProviders(providers: readonly ProviderStatus[]): Check {
  const refused = providers.filter(({ blocked }) => blocked !== null);
  const details = providers.map((provider) => `${provider.title} ${wordsFor(provider)}`);
  const settings = refused.map(({ title, setting }) => setting ?? `the key of ${title}`);
  return {
    name: 'Providers',
    ok: refused.length === 0,
    detail: details.join('; ') || 'no worker has reported any yet',
    fix:
      refused.length === 0
        ? null
        : `set ${settings.join(' and ')} right and restart the workers, then have what failed asked again: soar retry INC-…`,
  };
}

function wordsFor({ configured, setting, blocked, silent, next_slot_at, waiting }: ProviderStatus): string {
  const wait = waiting.count === 0 ? '' : `, ${waiting.count} waiting`;
  if (!configured) return `is not set up${setting ? ` (${setting})` : ''}${wait}`;
  if (blocked) return `has refused its key since ${minute(blocked.since)}${wait}`;
  if (silent) return `is left alone until ${minute(silent.until)} (${silent.reason})${wait}`;
  if (next_slot_at !== null) return `has its quota spent until ${minute(next_slot_at)}${wait}`;
  return `may be asked${wait}`;
}

function minute(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')} UTC`;
}
