import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ProviderError } from '../../../activities/providers/errors';
import { createGeoIp } from '../../../activities/providers/geoip';
import { createVirusTotal } from '../../../activities/providers/virustotal';
import { errorCodeOf, factsOf, parseObject } from '../../../activities/providers/virustotal/schema';
import { VIRUSTOTAL_POLICY } from '../../../activities/providers/virustotal/policy';
import { readVirusTotal } from '../../../activities/providers/virustotal/signals';
import type { ObservableType } from '../../../domain/observable';
import { DEFAULT_POLICY } from '../../../domain/policy';
import { context, serve } from './serve';

/** Recorded answers of the real services are not ours to ship: they are read where they lie beside the project. */
const FOLDER = join(process.env.SOAR_SHARED_DATA ?? join(__dirname, '../../../../shared/data'), 'providers');
const MANIFEST = join(FOLDER, 'manifest.jsonl');
const skip = existsSync(MANIFEST) ? false : `no recorded documents at ${FOLDER} (SOAR_SHARED_DATA)`;

interface Item {
  file: string;
  provider: string;
  request: string;
  http_status: number | null;
  headers: Record<string, string>;
  expect: {
    id?: string;
    type?: string;
    stats?: Record<string, number | null> | null;
    reputation?: number;
    country?: string | null;
    as_owner?: string | null;
    asn?: number | null;
    last_analysis_date?: number | null;
    name?: string | null;
    countryCode?: string;
    city?: string;
    proxy?: boolean;
    hosting?: boolean;
    mobile?: boolean;
    message?: string;
  };
}

const items: Item[] = skip
  ? []
  : readFileSync(MANIFEST, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Item);
const body = (item: Item) => readFileSync(join(FOLDER, item.file));
const isError = (item: Item) => item.file.startsWith('virustotal/errors/');
const virustotal = items.filter((item) => item.provider === 'virustotal');
const objects = virustotal.filter((item) => !isError(item) && !item.request.endsWith('/votes'));

async function served(t: TestContext, item: Item) {
  const headers = Object.fromEntries(Object.entries(item.headers).filter(([name]) => name !== 'Content-Length'));
  const status = item.http_status ?? 403;
  return serve(t, (response) => response.writeHead(status, headers).end(body(item)));
}

test('every recorded object gives the facts its manifest names', { skip }, () => {
  assert.ok(objects.length >= 20);
  for (const item of objects) {
    const object = parseObject(JSON.parse(body(item).toString()));
    assert.ok(object, item.file);
    const facts = factsOf(object, false);
    const { expect } = item;
    const sum = (keys: string[]) => keys.reduce((total, key) => total + (expect.stats?.[key] ?? 0), 0);
    assert.equal(facts.malicious, sum(['malicious']), item.file);
    assert.equal(facts.suspicious, sum(['suspicious']), item.file);
    assert.equal(facts.answered, sum(['malicious', 'suspicious', 'harmless', 'undetected']), item.file);
    assert.equal(facts.total, sum(Object.keys(expect.stats ?? {})), item.file);
    if (expect.id !== undefined) assert.equal(object.id, expect.id, item.file);
    if (expect.type !== undefined) assert.equal(object.type, expect.type, item.file);
    if (expect.reputation !== undefined) assert.equal(facts.reputation, expect.reputation, item.file);
    if (expect.country !== undefined) assert.equal(facts.country, expect.country, item.file);
    if (expect.as_owner !== undefined) assert.equal(facts.asOwner, expect.as_owner, item.file);
    if (expect.asn !== undefined) assert.equal(facts.asn, expect.asn, item.file);
    if (expect.name) assert.equal(facts.names[0], expect.name, item.file);
    if (expect.last_analysis_date !== undefined) {
      const date = expect.last_analysis_date;
      assert.equal(facts.analysedAt, date === null ? null : new Date(date * 1000).toISOString(), item.file);
    }
  }
});

test('an old answer without an analysis is known, and says nothing of clean', { skip }, () => {
  const old = objects.filter((item) => item.expect.stats === null);
  assert.ok(old.length > 0);
  for (const item of old) {
    const object = parseObject(JSON.parse(body(item).toString()));
    assert.ok(object);
    const reading = readVirusTotal(factsOf(object, false), {
      observable: 'domain:github.com',
      evidence: 'x',
      policy: DEFAULT_POLICY,
      own: VIRUSTOTAL_POLICY,
      now: '2019-09-27T00:00:00Z',
    });
    assert.deepEqual([reading.signals, reading.clean], [[], undefined], item.file);
  }
});

const COLLECTIONS: Record<string, ObservableType> = {
  ip_addresses: 'ip',
  domains: 'domain',
  urls: 'url',
  files: 'sha256',
};

function asked(item: Item): { type: ObservableType; value: string } {
  const [, collection = '', value = ''] = /\/api\/v3\/(\w+)\/(.+)$/.exec(item.request) ?? [];
  const type = COLLECTIONS[collection] ?? 'ip';
  return { type, value: type === 'url' ? 'http://example.com/' : value || '1.1.1.1' };
}

test('over HTTP, every recorded answer is what was asked for, and a list is refused', { skip }, async (t) => {
  for (const item of virustotal.filter((candidate) => !isError(candidate))) {
    const { url } = await served(t, item);
    const question = item.request.endsWith('/votes') ? { type: 'sha256' as const, value: '0'.repeat(64) } : asked(item);
    const answer = createVirusTotal({ apiKey: 'k', url }).lookup(question, context());
    // Two recordings had names replaced by placeholders, so they answer another question.
    if (item.request.endsWith('/votes') || item.file.includes('mykings_placeholder')) {
      await assert.rejects(answer, (error) => error instanceof ProviderError && error.kind === 'invalid_response');
    } else {
      const settled = await answer;
      assert.equal(settled.state, 'ok', item.file);
      assert.ok(settled.raw?.body.equals(body(item)), `${item.file}: not the bytes that were sent`);
    }
  }
});

test('every recorded error has its meaning', { skip }, async (t) => {
  const meaning: Record<string, string> = {
    '400': 'bad_request false',
    '401': 'unauthorized false',
    '403': 'forbidden false',
    '404': 'not_known',
    '429': 'waiting',
    '502': 'unavailable true',
    '503': 'unavailable true',
  };
  const errors = virustotal.filter(isError);
  assert.ok(errors.length >= 10);
  for (const item of errors) {
    const { url } = await served(t, item);
    const outcome = await createVirusTotal({ apiKey: 'k', url })
      .lookup({ type: 'ip', value: '1.1.1.1' }, context())
      .then(
        (answer) => answer.state,
        (error: unknown) => (error instanceof ProviderError ? `${error.kind} ${error.retryable}` : String(error)),
      );
    assert.equal(outcome, meaning[String(item.http_status)], item.file);
    if (item.file.endsWith('.json')) assert.match(errorCodeOf(body(item)) ?? '', /Error$/, item.file);
  }
});

test('every recorded answer of ip-api.com', { skip }, async (t) => {
  const single = items.filter((item) => item.provider === 'ip-api.com' && !item.file.includes('batch'));
  assert.ok(single.length >= 11);
  for (const item of single) {
    const { url } = await served(t, item);
    const value = /\/json\/([^?]+)/.exec(item.request)?.[1] ?? '1.1.1.1';
    const outcome = await createGeoIp({ url })
      .lookup({ type: 'ip', value }, context())
      .catch((error: unknown) => error);
    checkGeoIp(item, outcome as Awaited<ReturnType<ReturnType<typeof createGeoIp>['lookup']>> | ProviderError);
  }
});

function checkGeoIp(
  item: Item,
  outcome: Awaited<ReturnType<ReturnType<typeof createGeoIp>['lookup']>> | ProviderError,
): void {
  const { expect, file } = item;
  if (outcome instanceof ProviderError) {
    const kinds: Record<string, string> = {
      'ip-api/fail_invalid.json': 'bad_request',
      'ip-api/invalid_key.txt': 'forbidden',
      'ip-api/200_empty.txt': 'rate_limited',
    };
    assert.equal(outcome.kind, kinds[file], file);
  } else if (outcome.state === 'ok') {
    for (const name of ['countryCode', 'city', 'proxy', 'hosting', 'mobile'] as const) {
      if (expect[name] !== undefined) assert.equal(outcome.facts[name], expect[name], file);
    }
    assert.ok(outcome.facts.asn && outcome.facts.asOrg, file);
  } else {
    assert.equal(outcome.state, expect.message ? 'not_applicable' : 'waiting', file);
  }
}
