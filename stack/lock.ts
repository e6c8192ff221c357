import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { asProcessRef, isAlive, processRef, type ProcessRef } from './processes';

export interface Lock {
  release(): void;
}

/** Who holds the lock; undefined when it was free. */
export type LockAttempt = { lock: Lock } | { heldBy: ProcessRef };

/**
 * Takes a lock file for this process. It holds the owner's process id and start time, so that the lock of a killed
 * process, or of one whose id was given to another, never counts.
 */
export function tryLock(file: string): LockAttempt {
  const self = processRef(process.pid);
  if (!self) throw new Error('cannot read the start time of this process');
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify(self), { mode: 0o600 });
  try {
    for (;;) {
      if (tryLink(own, file)) return { lock: { release: () => removeIfOwn(file, self) } };
      const text = readText(file);
      const holder = text === undefined ? undefined : parseHolder(text);
      if (holder && isAlive(holder)) return { heldBy: holder };
      if (text !== undefined) removeStale(file, text);
    }
  } finally {
    unlinkSync(own);
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parseHolder(text: string): ProcessRef | undefined {
  try {
    return asProcessRef(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Renames before it removes: if somebody else took the lock over in between, it is put back. */
function removeStale(file: string, expected: string): void {
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (readText(aside) !== expected) tryLink(aside, file);
  unlinkSync(aside);
}

function removeIfOwn(file: string, self: ProcessRef): void {
  const holder = parseHolder(readText(file) ?? '');
  if (holder?.pid === self.pid && holder.started === self.started) unlinkSync(file);
}
