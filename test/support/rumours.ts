import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { getDocument, invalidResponse, jsonOf, statusError } from '../../activities/providers/http';
import { limitsOf } from '../../activities/providers/limits';
import { defineProvider } from '../../activities/providers/provider';
import type { Provider } from '../../activities/providers/provider';
import { count, url } from '../../config/fields';
import { levelOf } from '../../domain/levels';
import type { Reliability } from '../../domain/signal';

const TITLE = 'Rumour mill';
const HOUR_MS = 3_600_000;
const talkSchema = z.object({ address: z.string(), tellers: z.number().int().min(0) });

interface RumourFacts {
  tellers: number;
}
interface RumourPolicy {
  reliability: Reliability;
  points_each: number;
}

/** A source of evidence that the suite does not have: all that it takes to add one stands in this definition. */
export const rumours = defineProvider({
  variables: { RUMOURS_URL: url, RUMOURS_PER_MINUTE: count.default(100) },
  create: ({ RUMOURS_URL, RUMOURS_PER_MINUTE }): Provider<RumourFacts, RumourPolicy> => ({
    name: 'rumours',
    title: TITLE,
    where: 'outside',
    looksUp: ['ip'],
    setting: 'RUMOURS_URL',
    configured: true,
    credential: undefined,
    limits: limitsOf({ minute: RUMOURS_PER_MINUTE }),
    policy: { reliability: 'A', points_each: 10 },
    freshFor: () => HOUR_MS,
    async lookup({ value }, { signal, now }) {
      const document = await getDocument({ provider: TITLE, url: `${RUMOURS_URL}/${value}`, signal });
      const { status, raw } = document;
      if (status === 404) return { state: 'not_known', summary: 'nobody tells anything', raw };
      if (status !== 200) throw statusError(TITLE, document, now());
      const talk = talkSchema.safeParse(jsonOf(TITLE, document));
      if (!talk.success || talk.data.address !== value) throw invalidResponse(TITLE, 'other talk', raw, status);
      const { tellers } = talk.data;
      return { state: 'ok', facts: { tellers }, summary: sentenceOf(tellers), raw };
    },
    read({ tellers }, { own, policy, evidence, observable }) {
      const { reliability } = own;
      const points = tellers * own.points_each;
      const level = levelOf(points * policy.reliability[reliability]);
      const said = { source: 'rumours', name: 'rumours', sentence: sentenceOf(tellers) };
      return { signals: [{ ...said, level, points, reliability, evidence, observable }] };
    },
  }),
});

function sentenceOf(tellers: number): string {
  return `${tellers} tell bad things of it`;
}

export interface RumourMill {
  url: string;
  /** So many tell bad things of an address; of all others nobody does. */
  spread(address: string, tellers: number): void;
  /** Answers with that status from now on; 200 = as ever. */
  answerWith(status: number): void;
  /** Addresses that it was asked about. */
  asked(): readonly string[];
  close(): Promise<void>;
}

/** The service that the source asks. */
export async function startRumourMill(): Promise<RumourMill> {
  const talk = new Map<string, number>();
  const asked: string[] = [];
  let failure: number | undefined;
  const server = createServer((request, response) => {
    const address = (request.url ?? '').slice(1);
    asked.push(address);
    const tellers = talk.get(address);
    const status = failure ?? (tellers === undefined ? 404 : 200);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(status === 200 ? { address, tellers } : { error: `no talk (${status})` }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spread: (address, tellers) => void talk.set(address, tellers),
    answerWith(status) {
      failure = status === 200 ? undefined : status;
    },
    asked: () => asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
