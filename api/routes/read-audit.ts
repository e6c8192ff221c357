import { z } from 'zod';
import { defineRoute } from '../define-route';
import { API } from '../links';
import { nextPage } from '../paging';
import { noSuchChain } from '../problems';
import { auditPageSchema } from '../schemas/audit';
import { auditParams } from '../schemas/params';
import { wholeNumber } from '../schemas/query';

const MOST_ROWS = 200;
const LAST_SEQ = 999_999_999;

export const readAudit = defineRoute({
  method: 'get',
  path: `${API}/audit/:chain`,
  group: 'Audit',
  summary: 'An audit chain, row by row',
  description:
    'Oldest first, page by page. `system` is the chain of what belongs to no incident: keys, suppressions, re-scorings, ' +
    'messages to other tools. The rows are shown as they stand; `soar audit verify` checks them.',
  curl: 'curl -H "Authorization: Bearer $SOAR_API_KEY" "$SOAR_URL/api/v1/audit/system?after=0&limit=200"',
  params: auditParams,
  query: z.strictObject({
    after: wholeNumber(0, LAST_SEQ).default(0).describe('Rows with a higher `seq`'),
    limit: wholeNumber(1, MOST_ROWS).default(50),
  }),
  responses: { 200: { description: 'One page', json: auditPageSchema } },
}).handle(async ({ params: { chain }, query: { after, limit }, url }, deps) => {
  // one more than is shown says whether there is a page behind it
  const rows = await deps.store.audit.read(chain, { after, limit: limit + 1 });
  if (!rows) throw noSuchChain(chain);
  const items = rows.slice(0, limit);
  const next = rows.length > limit ? (items.at(-1)?.seq ?? null) : null;
  return { status: 200, json: { items, next_after: next, links: { next: nextPage(url, next, deps, 'after') } } };
});
