import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import express, { type Express } from 'express';
import { pino } from 'pino';
import { createEngineStarter } from '../../../api/engine-starter';
import { ensureFirstKey } from '../../../api/first-key';
import { listen } from '../../../api/server';

const silent = pino({ level: 'silent' });
const LOOPBACK = { port: 0, host: '127.0.0.1' };

/** An application whose one call answers when it is told to. */
function heldApp(): { app: Express; arrived: Promise<void>; release: () => void } {
  const app = express();
  let arrive = (): void => {};
  let release = (): void => {};
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  app.get('/held', async (_request, response) => {
    arrive();
    await released;
    response.send('done');
  });
  return { app, arrived, release };
}

function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('the server', () => {
  it('finishes what is under way before it closes, and takes nothing new', async () => {
    const { app, arrived, release } = heldApp();
    const server = await listen(app, LOOPBACK);
    const url = `http://127.0.0.1:${server.port}/held`;
    const answer = fetch(url);
    await arrived;
    const closed = server.close();
    await assert.rejects(fetch(url));
    release();
    assert.equal(await (await answer).text(), 'done');
    await closed;
  });

  it('says so when the port is taken', async () => {
    const server = await listen(express(), LOOPBACK);
    await assert.rejects(listen(express(), { ...LOOPBACK, port: server.port }), { code: 'EADDRINUSE' });
    await server.close();
  });

  it('answers what is no HTTP with a problem document', async () => {
    const server = await listen(express(), LOOPBACK);
    const answer = await exchange(server.port, 'HELO mail.example.test\r\n\r\n');
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.match(answer, /application\/problem\+json/);
    assert.match(answer, /"status":400/);
    await server.close();
  });
});

describe('asking the engine', () => {
  const incident = {
    id: 'INC-0000000000',
    alertType: 'malware',
    severity: 'low',
    source: 'edr',
    title: 't',
    status: 'new',
    verdict: 'unknown',
  } as const;

  const nothing = () => Promise.resolve();
  const others = { rouse: nothing, replace: nothing, cancel: nothing };

  it('leaves starts to the reconciler when too many are under way, and goes on when they are done', async () => {
    const pending: (() => void)[] = [];
    const start = () => new Promise<'started'>((resolve) => pending.push(() => resolve('started')));
    const engine = createEngineStarter({ start, ...others }, silent, 2);
    for (let n = 0; n < 5; n += 1) engine.start({ ...incident, id: `INC-${n}` });
    assert.equal(pending.length, 2);
    for (const done of pending.splice(0)) done();
    await new Promise((resolve) => setImmediate(resolve));
    engine.start(incident);
    assert.equal(pending.length, 1);
  });

  it('asks for one start of an incident at a time, however many copies of its alert come', async () => {
    const pending: (() => void)[] = [];
    const start = () => new Promise<'started'>((resolve) => pending.push(() => resolve('started')));
    const engine = createEngineStarter({ start, ...others }, silent);
    for (let n = 0; n < 200; n += 1) engine.start(incident);
    assert.equal(pending.length, 1);
    pending[0]?.();
    await new Promise((resolve) => setImmediate(resolve));
    engine.start(incident);
    assert.equal(pending.length, 2);
  });

  it('survives an engine that throws', async () => {
    const engine = createEngineStarter({ start: () => Promise.reject(new Error('away')), ...others }, silent);
    engine.start(incident);
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('the first key', () => {
  const keys = (count: number, create = () => Promise.resolve({ id: 1, key: 'soar_first' })) => ({
    count: () => Promise.resolve(count),
    create,
  });

  it('is made once, in a file only the owner reads, and never logged', async () => {
    const home = mkdtempSync(join(tmpdir(), 'soar-key-'));
    try {
      const log: string[] = [];
      const logger = pino({ level: 'trace' }, { write: (line: string) => void log.push(line) });
      const file = join(home, 'state', 'api-key');
      await ensureFirstKey(keys(0), file, logger);
      assert.equal(readFileSync(file, 'utf8').trim(), 'soar_first');
      assert.equal(statSync(file).mode & 0o777, 0o600);
      assert.ok(log.some((line) => line.includes(file)));
      assert.ok(!log.join('').includes('soar_first'));
      await ensureFirstKey(
        keys(1, () => Promise.reject(new Error('must not be asked'))),
        file,
        logger,
      );
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  it('leaves nothing behind when it cannot be made', async () => {
    const home = mkdtempSync(join(tmpdir(), 'soar-key-'));
    try {
      const failing = keys(0, () => Promise.reject(new Error('database away')));
      await assert.rejects(ensureFirstKey(failing, join(home, 'api-key'), silent), /database away/);
      assert.deepEqual(readdirSync(home), []);
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});
