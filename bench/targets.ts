import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import type { Knex } from '../db/connect';
import { SEARCH_ATTRIBUTES } from '../domain/names';
import { addressOf, alertBody, MOST_ALERTS } from './alerts';
import type { EndedRun } from './floor/main';
import type { FloorScript } from './floor/script';
import type { Target } from './load';

/** Statuses of an incident whose round goes on. */
const UNDER_WAY = ['new', 'investigating'];

export interface SuiteOptions {
  url: string;
  apiKey: string;
  /** For looking which verdicts are final: one query by primary key, so that looking costs the API nothing. */
  knex: Knex;
  /** Numbers the next alert: no two of one benchmark are the same. */
  nextNumber: () => number;
  /** So many sources take turns; default: every alert has its own. */
  addresses?: number;
}

/** Alerts over HTTP, until the verdict is final, the report is written and the incident has its status. */
export function suiteTarget({ url, apiKey, knex, nextNumber, addresses }: SuiteOptions): Target & { close(): void } {
  const agent = new Agent({ keepAlive: true });
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const first = addresses === undefined ? 0 : MOST_ALERTS - addresses;
  return {
    async launch() {
      const number = nextNumber();
      const address = addressOf(addresses === undefined ? number : first + (number % addresses));
      const body = alertBody(number, address, new Date());
      const at = Date.now();
      const startedAt = performance.now();
      const answer = await post(`${url}/api/v1/alerts`, { agent, headers, body });
      return { id: answer.incident_id, at, tookMs: performance.now() - startedAt };
    },
    async ended(ids) {
      const rows = await knex<{ id: string; updated_at: string; verdict_state: string; status: string }>('incidents')
        .select('id', 'updated_at')
        .whereIn('id', [...ids])
        .where('verdict_state', 'final')
        .whereNotIn('status', UNDER_WAY);
      return new Map(rows.map(({ id, updated_at }) => [id, Date.parse(updated_at)]));
    },
    close: () => agent.destroy(),
  };
}

interface Post {
  agent: Agent;
  headers: Record<string, string>;
  body: string;
}

function post(url: string, { agent, headers, body }: Post): Promise<{ incident_id: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      json(response).then((answer) => {
        if (response.statusCode === 202) resolve(answer as { incident_id: string });
        else reject(new Error(`the API answers ${response.statusCode}: ${JSON.stringify(answer)}`));
      }, reject);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

export interface FloorOptions {
  client: Client;
  queue: string;
  script: FloorScript;
  /** Where the floor's worker tells which runs have ended. */
  endedUrl: string;
  nextNumber: () => number;
}

/** Runs of the floor, started as the API starts a playbook, until their last step was taken. */
export function floorTarget({ client, queue, script, endedUrl, nextNumber }: FloorOptions): Target {
  let seen = 0;
  return {
    async launch() {
      const id = `FLR-${String(nextNumber()).padStart(10, '0')}`;
      const at = Date.now();
      const startedAt = performance.now();
      await client.workflow.start('floor', {
        workflowId: id,
        taskQueue: queue,
        args: [{ script }],
        workflowIdConflictPolicy: 'FAIL',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        typedSearchAttributes: STARTED_WITH,
        staticSummary: 'Failed webmail logins',
        priority: { priorityKey: 4 },
      });
      return { id, at, tookMs: performance.now() - startedAt };
    },
    async ended() {
      const runs = (await (await fetch(`${endedUrl}?from=${seen}`)).json()) as EndedRun[];
      seen += runs.length;
      return new Map(runs.map(({ run, at }) => [run, at]));
    },
  };
}

const STARTED_WITH = new TypedSearchAttributes(
  Object.entries({
    alertType: 'brute_force',
    severity: 'low',
    source: 'exchange',
    status: 'new',
    verdict: 'unknown',
  }).map(([name, value]) => ({
    key: defineSearchAttributeKey(
      SEARCH_ATTRIBUTES[name as keyof typeof SEARCH_ATTRIBUTES],
      SearchAttributeType.KEYWORD,
    ),
    value,
  })),
);
