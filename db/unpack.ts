import { once } from 'node:events';
import { pipeline, Readable, type Transform } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { Unzip, UnzipInflate } from 'fflate';

/** Thrown when a file is larger, unpacked, than what is taken. */
export class FileTooLargeError extends Error {
  constructor(readonly limit: number) {
    super(`The file has more than ${limit} bytes`);
    this.name = 'FileTooLargeError';
  }
}

/** Thrown when a packed file cannot be unpacked to its end. */
export class UnpackableFileError extends Error {
  constructor(kind: string, cause?: unknown) {
    super(`The file is not valid ${kind}`, { cause });
    this.name = 'UnpackableFileError';
  }
}

type Bytes = AsyncIterable<Buffer>;

/** How the bytes are sent, apart from what the file is. */
export type Encoding = 'gzip' | 'deflate';

const INFLATERS: Record<Encoding, () => Transform> = { gzip: createGunzip, deflate: createInflate };

const GZIP = Buffer.from([0x1f, 0x8b]);
const ZIP = Buffer.from('PK\u0003\u0004', 'latin1');

/**
 * The file itself: without the encoding that it was sent in, and unpacked where it is gzip or zip (of a zip, its first
 * file). Nothing is held but the piece at hand.
 * @param limit of the unpacked bytes
 * @throws FileTooLargeError, UnpackableFileError, and what `sent` throws
 */
export async function* unpacked(
  sent: Bytes,
  { limit, encoding }: { limit: number; encoding?: Encoding | undefined },
): AsyncGenerator<Buffer> {
  const decoded = encoding === undefined ? sent : inflated(sent, encoding);
  let bytes = 0;
  for await (const chunk of opened(decoded)) {
    bytes += chunk.length;
    if (bytes > limit) throw new FileTooLargeError(limit);
    yield chunk;
  }
}

async function* opened(file: Bytes): AsyncGenerator<Buffer> {
  const source = file[Symbol.asyncIterator]();
  try {
    let head: Buffer = Buffer.alloc(0);
    while (head.length < ZIP.length) {
      const next = await source.next();
      if (next.done) break;
      head = Buffer.concat([head, next.value]);
    }
    const whole = withHead(head, source);
    if (head.subarray(0, GZIP.length).equals(GZIP)) yield* inflated(whole, 'gzip');
    else if (head.subarray(0, ZIP.length).equals(ZIP)) yield* firstOfZip(whole);
    else yield* whole;
  } finally {
    await source.return?.();
  }
}

async function* withHead(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function* inflated(packed: Bytes, kind: Encoding): AsyncGenerator<Buffer> {
  const inflater = INFLATERS[kind]();
  const source = Readable.from(packed);
  let failure: Error | undefined;
  source.once('error', (error: Error) => (failure = error));
  pipeline(source, inflater, () => {});
  try {
    for await (const chunk of inflater) yield chunk as Buffer;
  } catch (error) {
    throw failure ?? new UnpackableFileError(kind, error);
  } finally {
    if (!source.closed) {
      source.destroy();
      await once(source, 'close');
    }
  }
}

async function* firstOfZip(packed: Bytes): AsyncGenerator<Buffer> {
  const ready: Buffer[] = [];
  let state: 'closed' | 'open' | 'done' = 'closed';
  const unzip = new Unzip((file) => {
    if (state !== 'closed') return;
    state = 'open';
    file.ondata = (error, data, final) => {
      if (error) throw error;
      ready.push(Buffer.from(data));
      if (final) state = 'done';
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  const done = (): boolean => state === 'done';
  for await (const chunk of packed) {
    // what follows the file is not looked at, but read, so that who sends it gets to the end
    if (done()) continue;
    try {
      unzip.push(chunk);
    } catch (error) {
      throw new UnpackableFileError('zip', error);
    }
    yield* ready.splice(0);
  }
  if (!done()) throw new UnpackableFileError('zip');
}
