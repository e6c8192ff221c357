import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { PROJECT_ROOT } from '../../../config/home';
import { startChild, stopLeftovers, type ChildSpec } from '../../../stack/child';
import { StackError } from '../../../stack/errors';
import { tryLock } from '../../../stack/lock';
import { isAlive, processRef, type ProcessRef } from '../../../stack/processes';
import { createSupervisor } from '../../../stack/supervise';
import { until } from '../../support/until';

const folder = mkdtempSync(join(tmpdir(), 'soar-stack-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function spec(name: string, script: string, changes: Partial<ChildSpec> = {}): ChildSpec {
  return {
    name,
    command: process.execPath,
    args: ['-e', script],
    env: process.env,
    cwd: PROJECT_ROOT,
    log: join(folder, `${name}.log`),
    graceSeconds: 10,
    runDir: join(folder, 'run'),
    ...changes,
  };
}

const FOREVER = 'setInterval(() => {}, 1000); console.log("up");';
const STUBBORN = `process.on("SIGTERM", () => {}); ${FOREVER}`;
const isUp = (name: string): true | undefined =>
  (existsSync(join(folder, `${name}.log`)) && readFileSync(join(folder, `${name}.log`), 'utf8').includes('up')) ||
  undefined;

function refOf(pid: number): ProcessRef {
  const ref = processRef(pid);
  assert.ok(ref, `process ${pid} is not there`);
  return ref;
}

describe('a guarded process', () => {
  it('ends on request, and its exit code is told', async () => {
    const child = await startChild(spec('polite', `process.on("SIGTERM", () => process.exit(7)); ${FOREVER}`));
    await until('it is up', () => isUp('polite'));
    await child.stop();
    assert.equal(await child.exited, 7);
    assert.equal(processRef(child.pid), undefined);
  });

  it('is killed after its grace', async () => {
    const child = await startChild(spec('stubborn', STUBBORN, { graceSeconds: 1 }));
    await until('it is up', () => isUp('stubborn'));
    await child.stop();
    assert.equal(await child.exited, 137);
  });

  it('does not outlive a parent that is killed with -9', async () => {
    const request = JSON.stringify(spec('orphan', FOREVER));
    const script = `require('./stack/child').startChild(${request}).then((child) => console.log(child.pid))`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '-e', script], {
      cwd: PROJECT_ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const orphan = refOf(Number(line.toString()));
    parent.kill('SIGKILL');
    await until('the orphan is gone', () => !isAlive(orphan) || undefined);
  });

  const noProc = process.platform !== 'linux' && 'the guard is looked up in /proc';
  it('is found by its record when even its guard was killed, and stopped', { skip: noProc }, async () => {
    const child = await startChild(spec('worker', FOREVER));
    const ref = refOf(child.pid);
    const guard = Number(readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
    const record = join(folder, 'run', 'worker.json');
    const kept = readFileSync(record);
    // the guard's watch would still end the child: here it is gone too
    for (const pid of [...childrenOf(guard).filter((each) => each !== child.pid), guard]) process.kill(pid, 'SIGKILL');
    await child.exited;
    writeFileSync(record, kept);
    assert.ok(isAlive(ref));
    assert.deepEqual(await stopLeftovers(join(folder, 'run')), ['worker']);
    assert.ok(!isAlive(ref));
    assert.deepEqual(await stopLeftovers(join(folder, 'run')), []);
  });
});

function childrenOf(parent: number): number[] {
  return readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

describe('the supervisor', () => {
  it('starts a process again that ends by itself, until told to stop', async () => {
    const notes: string[] = [];
    const supervisor = createSupervisor((text) => notes.push(text));
    const ready = (): Promise<boolean> => Promise.resolve(isUp('service') ?? false);
    await supervisor.start({ ...spec('service', FOREVER), ready, readyWithinMs: 30_000 });
    const first = supervisor.child('service')!;
    process.kill(first.pid, 'SIGKILL');
    const second = await until('it is started again', () => {
      const child = supervisor.child('service');
      return child !== first ? child : undefined;
    });
    assert.match(notes.join('\n'), /service ended by itself/);
    await supervisor.stopAll();
    assert.equal(processRef(second.pid), undefined);
    assert.equal(notes.length, 1, 'a process that was told to stop is not started again');
  });

  it('says what failed, with the log, when a process ends before it is ready', async () => {
    const supervisor = createSupervisor(() => {});
    const starting = supervisor.start({
      ...spec('broken', 'console.error("no such file"); process.exit(3)'),
      ready: () => Promise.resolve(false),
      readyWithinMs: 30_000,
      advice: ['mend it'],
    });
    await assert.rejects(starting, (error: StackError) => {
      assert.match(error.message, /broken ended at its start \(exit code 3\)/);
      assert.match(readFileSync(error.log!, 'utf8'), /no such file/);
      assert.deepEqual(error.advice, ['mend it']);
      return true;
    });
  });

  it('starts nothing after it was stopped', async () => {
    const supervisor = createSupervisor(() => {});
    await supervisor.stopAll();
    await assert.rejects(supervisor.run(spec('late', FOREVER)), StackError);
  });
});

describe('the lock', () => {
  const file = join(folder, 'lock');

  it('is held by one living process', () => {
    const first = tryLock(file);
    assert.ok('lock' in first);
    assert.deepEqual(tryLock(file), { heldBy: refOf(process.pid) });
    first.lock.release();
    const second = tryLock(file);
    assert.ok('lock' in second);
    second.lock.release();
  });

  for (const [what, content] of [
    ['of a process that is gone', JSON.stringify({ pid: 2 ** 22 - 1, started: '1' })],
    ['of an earlier process with the same id', JSON.stringify({ pid: process.pid, started: '1' })],
    ['cut short', '{"pid":'],
  ] as const) {
    it(`${what} never blocks`, () => {
      writeFileSync(file, content);
      const attempt = tryLock(file);
      assert.ok('lock' in attempt);
      attempt.lock.release();
      assert.ok(!existsSync(file));
    });
  }
});
