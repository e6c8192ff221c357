import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { arraySplitter, lineSplitter, split } from '../domain/split-bytes';
import { CliError } from './errors';

/** One document to submit, and where it came from: a file, or a line or item of one. */
export interface AlertDocument {
  /** `file`, `file:line` or `file[index]`. */
  name: string;
  /** The bytes as they stand in the file: what they mean is for the API to say. */
  body: Buffer;
  contentType: string;
}

const JSON_TYPE = 'application/json';
const SUFFIX_TYPES: Record<string, string> = {
  '.eml': 'message/rfc822',
  '.log': 'text/plain',
  '.txt': 'text/plain',
  '.cef': 'text/plain',
  '.leef': 'text/plain',
  '.syslog': 'text/plain',
};
/** Files that lie among alerts and are none. */
const NOT_ALERTS = new Set(['expected.json', 'manifest.jsonl']);
const READ_IN_FOLDERS = new Set(['.json', '.jsonl', '.ndjson']);

/**
 * The files behind the paths, folders followed down, in stable order. A file named outright is always taken; inside a
 * folder only JSON and NDJSON, by their suffix.
 * @throws CliError when a path does not exist
 */
export async function findFiles(paths: string[]): Promise<string[]> {
  const found = await Promise.all(
    paths.map(async (path) => {
      const info = await stat(path).catch(() => undefined);
      if (!info) throw new CliError(`There is no file or folder ${path}.`);
      return info.isDirectory() ? filesUnder(path) : [path];
    }),
  );
  return [...new Set(found.flat())];
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && !NOT_ALERTS.has(entry.name) && READ_IN_FOLDERS.has(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The documents in one file: a JSON object, each item of a JSON array, each line of NDJSON, or a text as it is. */
export async function readDocuments(file: string): Promise<AlertDocument[]> {
  return splitDocuments(file, await readFile(file));
}

/**
 * Pure part of {@link readDocuments}. Bodies are pieces of the file, byte for byte. What is not JSON is handed on as it
 * is: the API or the parser says what is wrong with it better than a guess here.
 */
export function splitDocuments(name: string, bytes: Buffer): AlertDocument[] {
  const text = bytes.toString('utf8');
  const whole = parse(text);
  if (whole.ok) {
    if (!Array.isArray(whole.value)) return [{ name, body: bytes, contentType: JSON_TYPE }];
    return split(bytes, arraySplitter()).map(({ bytes: body }, index) => ({
      name: `${name}[${index}]`,
      body,
      contentType: JSON_TYPE,
    }));
  }
  const filled = split(bytes, lineSplitter()).map(({ bytes: body, line }) => ({
    name: `${name}:${line}`,
    body,
    contentType: JSON_TYPE,
  }));
  const isNdjson =
    /\.(ndjson|jsonl)$/.test(name) ||
    (filled.length > 1 && filled.every(({ body }) => parse(body.toString('utf8')).ok));
  return isNdjson ? filled : [{ name, body: bytes, contentType: contentTypeOf(name, text) }];
}

/** Of a document as a whole. Broken JSON stays JSON, so that it is refused as that and not filed as a text nobody understands. */
export function contentTypeOf(name: string, text: string): string {
  const suffix = extname(basename(name));
  const meantAsJson = suffix === '.json' || /^[\uFEFF\s]*[{[]/.test(text);
  return SUFFIX_TYPES[suffix] ?? (meantAsJson ? JSON_TYPE : 'text/plain');
}

function parse(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: JSON.parse(text.replace(/^\uFEFF/, '')) };
  } catch {
    return { ok: false };
  }
}
