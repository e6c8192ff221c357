import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { Position } from '../../domain/split-bytes';
import { CliError, messageOf } from '../errors';
import type { Source } from './source';

/** How far each file was submitted, kept while a run is not finished. */
export interface ResumeFile {
  readonly path: string;
  /** An earlier run was interrupted. */
  readonly resumed: boolean;
  /** Where to go on; undefined: at the beginning, `done`: not at all. */
  startOf(source: Source): Position | 'done' | undefined;
  /** All before this place has its answer. */
  record(source: Source, end: Position, done: boolean): void;
  /** Writes what was recorded. */
  save(): void;
  /** The run is finished: nothing is left to go on with. */
  remove(): void;
}

const HEAD = 4096;
/** A run that is killed does this much again, ms; the API knows it again. */
const SAVE_EVERY_MS = 1000;

const entrySchema = z.object({
  offset: z.int().min(0),
  line: z.int().min(1),
  done: z.boolean(),
  head_bytes: z.int().min(0).max(HEAD),
  head_sha256: z.string(),
});
const fileSchema = z.object({ soar_bulk: z.literal(1), files: z.record(z.string(), entrySchema) });
type Entry = z.infer<typeof entrySchema>;

/**
 * @param options.restart forgets what an earlier run has left
 * @throws CliError when there is a file of another kind at this path
 */
export function openResumeFile(path: string, { restart = false }: { restart?: boolean } = {}): ResumeFile {
  const files = new Map(Object.entries(readFiles(path, restart)));
  const resumed = files.size > 0;
  let savedAt = 0;

  function save(): void {
    savedAt = Date.now();
    mkdirSync(dirname(path), { recursive: true });
    const text = JSON.stringify({ soar_bulk: 1, files: Object.fromEntries(files) });
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  return {
    path,
    resumed,
    startOf(source) {
      const entry = files.get(resolve(source.name));
      if (!entry || !isSame(source, entry)) return undefined;
      if (entry.done && entry.offset === source.size) return 'done';
      return entry.offset === 0 ? undefined : { offset: entry.offset, line: entry.line };
    },
    record(source, { offset, line }, done) {
      if (source.size === undefined) return;
      const head = source.head.subarray(0, HEAD);
      files.set(resolve(source.name), { offset, line, done, head_bytes: head.length, head_sha256: hashOf(head) });
      if (Date.now() - savedAt >= SAVE_EVERY_MS) save();
    },
    save,
    remove: () => rmSync(path, { force: true }),
  };
}

/** A file that was only written on still begins as it did; one of another beginning is another file. */
function isSame({ size = 0, head }: Source, { offset, head_bytes, head_sha256 }: Entry): boolean {
  return size >= offset && hashOf(head.subarray(0, head_bytes)) === head_sha256;
}

function readFiles(path: string, restart: boolean): Record<string, Entry> {
  const text = readIfThere(path);
  if (text === undefined) return {};
  const parsed = fileSchema.safeParse(parsedJson(text));
  if (!parsed.success) throw new CliError(`${path} is no file of an interrupted \`soar bulk\`; it was left alone.`);
  return restart ? {} : parsed.data.files;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CliError(`${path} cannot be read (${messageOf(error)}).`);
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
