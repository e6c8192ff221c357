import type { z } from 'zod';
import type { ProviderStatus } from '../../db/repositories/quotas';
import { defineRoute } from '../define-route';
import { API } from '../links';
import { providersSchema, type ProviderState } from '../schemas/provider';

type Provider = z.input<typeof providersSchema>['items'][number];

export const providers = defineRoute({
  method: 'get',
  path: `${API}/providers`,
  group: 'Providers',
  summary: 'What is left of the quotas of the outside sources, and what waits for them',
  description:
    'One entry for each source that a worker has reported; empty until one has. A lookup that a quota does not allow ' +
    'waits and is asked by itself when its turn comes: the most severe incident first, then the oldest wait.',
  curl: 'curl -H "Authorization: Bearer $SOAR_API_KEY" $SOAR_URL/api/v1/providers',
  responses: { 200: { description: 'The sources as they are now', json: providersSchema } },
}).handle(async (_input, { store }) => ({
  status: 200,
  json: { items: (await store.quotas.status()).map(show) },
}));

/** Named one by one: what else is kept of a provider, such as its key's fingerprint, is nobody's concern. */
function show(status: ProviderStatus): Provider {
  const { name, title, looks_up, configured, setting, windows, told, next_slot_at, in_flight } = status;
  const { error_rate, requests, last_error, last_answer_at, blocked, silent, one_at_a_time, waiting, updated_at } =
    status;
  return {
    ...{ name, title, state: stateOf(status), looks_up, configured, setting, windows, told, next_slot_at, in_flight },
    waiting,
    ...{ error_rate, requests, last_error, last_answer_at, blocked, silent, one_at_a_time, updated_at },
  };
}

function stateOf({ configured, blocked, silent, windows, told }: ProviderStatus): ProviderState {
  if (!configured) return 'not_configured';
  if (blocked) return 'blocked';
  if (silent) return 'silent';
  return windows.some(({ left }) => left === 0) || told?.left === 0 ? 'spent' : 'ready';
}
