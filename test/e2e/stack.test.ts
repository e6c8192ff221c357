import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { allGone, recordedProcesses, runStack, type StackProcess } from '../support/stack-process';
import { until } from '../support/until';

const PARTS = ['api', 'mysql', 'temporal', 'worker'];

/** Listens on 8080, so that the suite must take another port; somebody else may already. */
function occupy(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((done) => {
    server.once('error', () => done(server));
    server.listen(port, '127.0.0.1', () => done(server));
  });
}

describe('npm start', { concurrency: false }, () => {
  // a path with a space in it, longer than a Unix socket allows
  const home = join(mkdtempSync(join(tmpdir(), 'soar start ')), 'x'.repeat(60), 'state');
  let other: Server;
  let running: StackProcess | undefined;
  let incident = '';

  const call = (url: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${url}/api/v1${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${readFileSync(join(home, 'api-key'), 'utf8').trim()}`,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  before(async () => {
    other = await occupy(8080);
  });
  after(async () => {
    running?.process.kill('SIGTERM');
    await running?.exited;
    other.close();
    rmSync(join(home, '..', '..'), { recursive: true, force: true });
  });

  it('brings everything up on a free port, and says where', async () => {
    running = runStack(['start'], home);
    const url = await running.ready();
    assert.notEqual(new URL(url).port, '8080');
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
    assert.match(running.output(), /Temporal UI\s+http:/);
    assert.deepEqual(Object.keys(recordedProcesses(home)).sort(), PARTS);
    for (const secret of ['api-key', 'database-url', 'mysql-password']) {
      assert.equal(statSync(join(home, secret)).mode & 0o777, 0o600, secret);
    }
    const alert = { source: 'test', alert_type: 'lateral_movement', severity: 'high', src_ip: '10.1.2.3' };
    const answer = await call(url, '/alerts', alert);
    assert.equal(answer.status, 202);
    incident = ((await answer.json()) as { incident_id: string }).incident_id;
  });

  it('refuses to run twice in one state folder, and says where it runs', async () => {
    const second = runStack(['start'], home);
    assert.equal(await second.exited, 1);
    assert.match(second.output(), /already running here at http:\S+ \(process \d+\)/);
  });

  it('starts a worker again that is killed', async () => {
    const { worker } = recordedProcesses(home);
    process.kill(worker!.pid, 'SIGKILL');
    await until('a new worker', () => {
      const now = recordedProcesses(home).worker;
      return (now !== undefined && now.pid !== worker!.pid) || undefined;
    });
  });

  it('leaves no process behind when it is killed with -9', async () => {
    const processes = recordedProcesses(home);
    running!.process.kill('SIGKILL');
    await allGone(processes);
  });

  it('starts again after that, with its data', async () => {
    running = runStack(['start'], home);
    const url = await running.ready();
    assert.equal((await call(url, `/incidents/${incident}`)).status, 200);
  });

  it('stops everything on Ctrl-C', async () => {
    const processes = recordedProcesses(home);
    running!.process.kill('SIGINT');
    assert.equal(await running!.exited, 0);
    await allGone(processes);
    assert.ok(!existsSync(join(home, 'url')));
    assert.ok(!existsSync(join(home, 'lock')));
  });

  it('names every setting that is wrong before it starts anything', async () => {
    const wrong = runStack(['start'], home, { PORT: 'eighty', LOG_LEVEL: 'loud' });
    assert.equal(await wrong.exited, 1);
    assert.match(wrong.output(), /PORT/);
    assert.match(wrong.output(), /LOG_LEVEL/);
    assert.deepEqual(recordedProcesses(home), {});
  });
});
