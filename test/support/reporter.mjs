import { relative } from 'node:path';

/** How much of what a file wrote to standard error is kept, for files that fail as a whole. */
const KEPT = 4000;

/** Reporter of `node --test` for test/run.ts: one JSON line per result, nothing for what merely contains others. */
export default async function* reporter(events) {
  /** The open names per file, outermost first. */
  const open = new Map();
  const stderr = new Map();
  for await (const { type, data } of events) {
    if (type === 'test:start') open.set(data.file, [...namesAbove(open, data), data.name]);
    if (type === 'test:stderr') stderr.set(data.file, ((stderr.get(data.file) ?? '') + data.message).slice(-KEPT));
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const result = resultOf(type, data);
    if (result === undefined) continue;
    const file = data.file ?? data.name;
    const whole = data.name === file;
    yield `${JSON.stringify({
      result,
      file: relative(process.cwd(), file),
      name: whole ? 'the file itself' : [...namesAbove(open, data), data.name].join(' › '),
      ms: Math.round(data.details.duration_ms),
      ...(result === 'failed' ? { message: messageOf(data.details.error, whole ? stderr.get(file) : undefined) } : {}),
      ...(typeof data.skip === 'string' ? { reason: data.skip } : {}),
    })}\n`;
  }
}

function namesAbove(open, { file, nesting }) {
  return (open.get(file) ?? []).slice(0, nesting);
}

/** Undefined for what is no test: a suite, a parent that failed by its parts, a file (a test to node if it has none). */
function resultOf(type, { name, file, skip, todo, details }) {
  if (type === 'test:fail') return details.error?.failureType === 'subtestsFailed' ? undefined : 'failed';
  if (skip !== undefined || todo !== undefined) return 'skipped';
  return details.type === 'suite' || name === file ? undefined : 'passed';
}

function messageOf(error, output) {
  const cause = error?.cause ?? error;
  const message = String(cause?.stack ?? cause);
  return output ? `${message}\n${output.trimEnd()}` : message;
}
