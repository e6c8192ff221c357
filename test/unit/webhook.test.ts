import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { createWebhook, WebhookError } from '../../activities/webhook';
import type { WebhookSettings } from '../../activities/webhook';
import { isSigned, startReceiver } from '../support/receiver';
import type { Receiver } from '../support/receiver';

/** The example of the standard. */
const EXAMPLE = {
  secret: Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64'),
  message: { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}', at: new Date(1_614_265_330_789) },
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

async function receiver(t: TestContext, ...args: Parameters<typeof startReceiver>): Promise<Receiver> {
  const started = await startReceiver(...args);
  t.after(() => started.close());
  return started;
}

const answering =
  (status: number, body = '', headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end(body);

function send(url: string, changes: Partial<WebhookSettings> = {}): Promise<number> {
  return createWebhook({ url, secret: EXAMPLE.secret, ...changes }).send(EXAMPLE.message);
}

/** What it says of a request that was not taken. */
async function refusal(url: string, changes: Partial<WebhookSettings> = {}): Promise<string> {
  const error = await send(url, changes).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof WebhookError);
  assert.equal(error.cause, undefined, 'a cause would be written into histories');
  return error.message;
}

const hostOf = ({ url }: Receiver): string => new URL(url).host;

test('a request is signed as the standard has it', async (t) => {
  const tool = await receiver(t);
  assert.equal(await send(`${tool.url}/hooks/?tenant=1`), 204);
  const [got] = tool.received;
  assert.ok(got);
  assert.deepEqual([got.method, got.path, got.body], ['POST', '/hooks/?tenant=1', EXAMPLE.message.body]);
  assert.equal(got.headers['content-type'], 'application/json');
  assert.equal(got.headers['webhook-id'], EXAMPLE.message.id);
  assert.equal(got.headers['webhook-timestamp'], '1614265330');
  assert.equal(got.headers['webhook-signature'], EXAMPLE.signature);
  assert.ok(isSigned(got, EXAMPLE.secret));
  assert.equal(isSigned(got, Buffer.from('another secret')), false);
});

test('credentials of the address travel as a header', async (t) => {
  const tool = await receiver(t);
  await send(tool.url.replace('http://', 'http://soar:p%40ss%@'));
  assert.equal(
    tool.received[0]?.headers.authorization,
    `Basic ${Buffer.from('soar:p@ss%').toString('base64')}`,
    'a stray % is itself',
  );
});

test('every 2xx is taken, and nothing else', async (t) => {
  for (const status of [200, 201, 202, 204]) {
    const tool = await receiver(t, answering(status));
    assert.equal(await send(tool.url), status);
  }
  for (const status of [304, 400, 401, 410, 429, 500, 503]) {
    const tool = await receiver(t, answering(status));
    const message = await refusal(tool.url);
    assert.ok(message.startsWith(`${hostOf(tool)} answered ${status}`), message);
  }
});

test('a refusal is quoted on one line, and not at length', async (t) => {
  const tool = await receiver(t, answering(500, `no\r\n\u001b[31mroom\u0000${'x'.repeat(100_000)}`));
  const message = await refusal(tool.url);
  assert.match(message, /answered 500 \(“no \[31mroom x{280,}”\)$/);
  assert.ok(message.length < 400);
});

test('a receiver that is gone says what to do', async (t) => {
  const tool = await receiver(t, answering(410));
  assert.match(await refusal(tool.url), /answered 410: it is gone .* ESCALATION_WEBHOOK_URL/);
});

test('a redirect is not followed', async (t) => {
  const other = await receiver(t);
  for (const status of [301, 302, 307, 308]) {
    const tool = await receiver(t, answering(status, '', { location: other.url }));
    assert.match(await refusal(tool.url), new RegExp(`answered ${status}: redirects are not followed`));
  }
  assert.deepEqual(other.received, []);
});

test('whoever does not answer is not waited for; whoever breaks off in the middle of a refusal has refused', async (t) => {
  const silent = await receiver(t, () => {});
  assert.equal(await refusal(silent.url, { timeoutMs: 50 }), `${hostOf(silent)} did not answer within 0.05 s`);
  const breaking = await receiver(
    t,
    (response) => void response.writeHead(503).write('busy', () => response.destroy()),
  );
  assert.equal(await refusal(breaking.url), `${hostOf(breaking)} answered 503`);
  const broken = await receiver(t, (response) => void response.destroy());
  assert.match(await refusal(broken.url), /cannot be reached \(\w+\)$/);
  await broken.close();
  assert.equal(await refusal(broken.url), `${hostOf(broken)} cannot be reached (ECONNREFUSED)`);
});

test('no secret is told, even when the receiver echoes it', async (t) => {
  const secret = 'a signing secret';
  const tool = await receiver(t, (response, { path, headers }) => {
    const echo = [path, decodeURIComponent(path), headers.authorization, 'p@ssw0rd-long', secret].join(' ');
    response.writeHead(404).end(`Cannot POST ${echo}`);
  });
  const url = `${tool.url.replace('http://', 'http://operator:p%40ssw0rd-long@')}/services/T0KEN%2BT0KEN?key=qu3ry-k3y`;
  const message = await refusal(url, { secret: Buffer.from(secret) });
  assert.match(message, /answered 404: .*Cannot POST .*\[removed\]/);
  const parts = ['T0KEN', 'qu3ry', 'ssw0rd', secret, Buffer.from('operator:p@ssw0rd-long').toString('base64')];
  for (const part of parts) assert.ok(!message.includes(part), `${part} in: ${message}`);
});
