import { z } from 'zod';
import type { RescoreChangeView } from '../../db/repositories/rescore-changes';
import type { RescoreRow } from '../../db/store';
import { defineRoute } from '../define-route';
import { given } from '../../domain/given';
import { API, type LinkBase } from '../links';
import { noSuchRescore, Problem } from '../problems';
import { goOn } from '../rescore-keeper';
import { incidentFilters, TO_AFTER_FROM } from '../schemas/incident-filter';
import { rescoreParams } from '../schemas/params';
import { flag, wholeNumber } from '../schemas/query';
import { rescoreJobSchema, rescoreSchema } from '../schemas/rescore';

const GROUP = 'Re-scoring';
const PATH = `${API}/rescores`;
const CURL = 'curl -H "Authorization: Bearer $SOAR_API_KEY"';
const JSON_HEADER = '-H "Content-Type: application/json"';

const reopen = () =>
  flag().describe('Open incidents again that closed themselves and would not today; else only flag them');

const requestSchema = z
  .strictObject({ ...incidentFilters, reopen: reopen().default(false) })
  .refine(...TO_AFTER_FROM)
  .meta({ id: 'RescoreRequest' });

export const startRescore = defineRoute({
  method: 'post',
  path: PATH,
  group: GROUP,
  summary: 'Compare past incidents with the rules of today',
  description:
    'Judges incidents that have been scored once more, by the policy and site knowledge in force now, from what is stored ' +
    'of them; no source is asked. Nothing is changed: what would come out differently is then listed, and may be applied. ' +
    'Filters as in the list of incidents; without any, all are compared.',
  curl: `curl -X POST $SOAR_URL${PATH} -H "Authorization: Bearer $SOAR_API_KEY" ${JSON_HEADER} \\\n  -d '{"alert_type": ["brute_force"], "from": "2026-11-01T00:00:00Z"}'`,
  body: {
    kind: 'json',
    schema: requestSchema,
    optional: true,
    examples: {
      all: { summary: 'All incidents', value: {} },
      some: {
        summary: 'Some of them',
        value: { alert_type: ['brute_force'], status: ['open', 'escalated'], from: '2026-11-01T00:00:00Z' },
      },
    },
  },
  responses: {
    202: { description: 'Accepted: it is being compared', json: rescoreJobSchema, headers: { Location: 'The job' } },
  },
}).handle(async ({ body: { reopen, ...filter }, actor, logger }, deps) => {
  const at = deps.clock().toISOString();
  const job = await deps.store.rescores.create({ requestedBy: actor, filter: given(filter), reopen, at });
  goOn({ gateway: deps.gateway, logger }, job);
  const json = jobView(job, deps);
  return { status: 202, headers: { Location: json.links.self }, json };
});

export const getRescore = defineRoute({
  method: 'get',
  path: `${PATH}/:id`,
  group: GROUP,
  summary: 'A re-scoring, and what comes out differently',
  curl: `${CURL} $SOAR_URL${PATH}/RSC-7Q2M4X9K0T`,
  params: rescoreParams,
  query: z.strictObject({
    limit: wholeNumber(1, 200).default(50),
    cursor: z
      .string()
      .regex(/^INC-[0-9A-HJKMNP-TV-Z]{10}$/, 'Is not a cursor of this list')
      .optional()
      .describe('next_cursor of the page before'),
  }),
  responses: { 200: { description: 'The job, and one page of its changes', json: rescoreSchema } },
}).handle(async ({ params: { id }, query: { limit, cursor } }, deps) => {
  const job = await deps.store.rescores.get(id);
  if (!job) throw noSuchRescore(id);
  const found = await deps.store.rescoreChanges.list(id, { after: cursor ?? '', limit: limit + 1 });
  const changes = found.slice(0, limit);
  const next = found.length > limit ? (changes.at(-1)?.incident_id ?? null) : null;
  return { status: 200, json: { ...jobView(job, deps), changes: changes.map(changeView), next_cursor: next } };
});

const applySchema = z
  .strictObject({ reopen: reopen().optional() })
  .meta({ id: 'RescoreApplyRequest', description: 'Without `reopen`, as the comparison was asked for' });

export const applyRescore = defineRoute({
  method: 'post',
  path: `${PATH}/:id/apply`,
  group: GROUP,
  summary: 'Put in force what a re-scoring has found',
  description:
    'Changes the incidents that the comparison has listed, and no other; each is judged once more when its turn comes, and ' +
    'left alone if something else comes out then. Asked for twice, it is done once.',
  curl: `curl -X POST $SOAR_URL${PATH}/RSC-7Q2M4X9K0T/apply -H "Authorization: Bearer $SOAR_API_KEY" ${JSON_HEADER} -d '{}'`,
  params: rescoreParams,
  body: { kind: 'json', schema: applySchema, optional: true },
  problems: ['not-compared'],
  responses: { 202: { description: 'Accepted: it is being applied, or has been', json: rescoreJobSchema } },
}).handle(async ({ params: { id }, body, actor, logger }, deps) => {
  const at = deps.clock().toISOString();
  const answer = await deps.store.rescores.requestApply(id, { actor, reopen: body.reopen, at });
  switch (answer.outcome) {
    case 'not_found':
      throw noSuchRescore(id);
    case 'comparing':
      throw new Problem('not-compared', `${id} is still comparing: look at what it finds first.`);
    case 'expired':
      throw new Problem('not-compared', `${id} has expired: compare again.`);
    case 'accepted':
      if (answer.job.state === 'applying') goOn({ gateway: deps.gateway, logger }, answer.job);
      return { status: 202, json: jobView(answer.job, deps) };
  }
});

function jobView(job: RescoreRow, { publicUrl }: LinkBase): z.input<typeof rescoreJobSchema> {
  const { id, state, requested_by, applied_by, filter, reopen, created_at, compared_at, expires_at, finished_at } = job;
  const self = `${publicUrl}${PATH}/${id}`;
  return {
    ...{ id, state, requested_by, applied_by, filter, reopen },
    policy: job.policy_id,
    site: job.site_id,
    counts: {
      ...{ compared: job.compared, failed: job.failed, changed: job.changes },
      ...{ applied: job.applied, skipped: job.skipped },
    },
    failures: job.failures,
    ...{ created_at, compared_at, expires_at, finished_at },
    links: { self, apply: `${self}/apply` },
  };
}

function changeView(row: RescoreChangeView): z.input<typeof rescoreSchema>['changes'][number] {
  const { incident_id, alert_type, why, effect, applied_at, skipped } = row;
  return {
    ...{ incident_id, alert_type },
    old: { verdict: row.old_verdict, score: row.old_score, decision: row.old_outcome, complete: row.old_complete },
    new: { verdict: row.new_verdict, score: row.new_score, decision: row.new_outcome, complete: row.new_complete },
    ...{ why, effect, applied_at, skipped },
  };
}
