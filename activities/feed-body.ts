import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { FeedError } from './feed-error';
import { codeOf } from './providers/http';

/** Of the unpacked file; the largest dumps of whole years are not that large. */
const MOST_BYTES = 1024 ** 3;
/** One that sends a byte now and then is given up. */
const MOST_MS = 30 * 60_000;
const GZIP = Buffer.from([0x1f, 0x8b]);
const ZIP = Buffer.from('PK\x03\x04', 'latin1');
/** How a page for people begins; whatever it holds, it is no feed. */
const PAGE = /^(?:\ufeff)?\s*(?:<!doctype\s+html|<html[\s>])/i;
/** Bytes that tell what a file is. */
const HEAD = 512;

const DECODERS: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

interface BodyOptions {
  host: string;
  signal: AbortSignal;
  onBytes?: ((bytes: number) => void) | undefined;
  /** Default: 1 GiB. */
  mostBytes?: number;
  /** Default: half an hour. */
  mostMs?: number;
}

/**
 * The file that a response holds, unpacked, piece by piece. The connection is closed when it is not read to its end.
 * @throws FeedError while it is read: when it breaks off, is empty, too large, packed as nobody can unpack, or a web page
 */
export async function* feedBody(response: IncomingMessage, options: BodyOptions): AsyncGenerator<Buffer> {
  const { host, signal, onBytes, mostBytes = MOST_BYTES, mostMs = MOST_MS } = options;
  const deadline = performance.now() + mostMs;
  let size = 0;
  try {
    for await (const chunk of checked(unpacked(decoded(response, host)), host)) {
      size += chunk.length;
      if (size > mostBytes) throw tooLarge(host, mostBytes);
      if (performance.now() > deadline) throw new FeedError(`${host} was not done within ${mostMs / 60_000} min`);
      onBytes?.(size);
      yield chunk;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof FeedError ? error : new FeedError(`${host} broke off while sending (${codeOf(error)})`);
  } finally {
    response.destroy();
  }
  if (size === 0) throw new FeedError(`${host} sent an empty file`);
}

function tooLarge(host: string, mostBytes: number): FeedError {
  return new FeedError(`${host} sent more than ${mostBytes / 1024 ** 2} MiB`, { retryable: false });
}

/** Without the encodings that the server has put around it for the way. */
function decoded(response: IncomingMessage, host: string): AsyncIterable<Buffer> {
  const encodings = (response.headers['content-encoding'] ?? '')
    .split(',')
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each !== '' && each !== 'identity');
  return encodings.reduceRight<Readable>((body, encoding) => {
    const decoder = DECODERS[encoding];
    if (!decoder) throw new FeedError(`${host} sent it encoded as ${encoding}`, { retryable: false });
    return through(body, decoder());
  }, response);
}

/** As `pipe`, with an error of the one ending the other. */
function through(body: Readable, decoder: Transform): Transform {
  body.on('error', (error) => decoder.destroy(error));
  decoder.on('close', () => body.destroy());
  return body.pipe(decoder);
}

/** A file that is itself packed by gzip, as its first bytes say. */
async function* unpacked(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { head, rest } = await beginning(body, GZIP.length);
  const whole = joined(head, rest);
  yield* head.subarray(0, GZIP.length).equals(GZIP)
    ? (through(Readable.from(whole), createGunzip()) as AsyncIterable<Buffer>)
    : whole;
}

/** Refuses by its first bytes what cannot be a feed. */
async function* checked(body: AsyncIterable<Buffer>, host: string): AsyncGenerator<Buffer> {
  const { head, rest } = await beginning(body, HEAD);
  if (head.subarray(0, ZIP.length).equals(ZIP)) {
    throw new FeedError(`${host} sent a ZIP archive; only plain and gzip files are read`, { retryable: false });
  }
  if (PAGE.test(head.subarray(0, HEAD).toString('utf8'))) {
    throw new FeedError(`${host} sent a web page, and no feed`, { retryable: false });
  }
  yield* joined(head, rest);
}

interface Beginning {
  head: Buffer;
  rest: AsyncIterator<Buffer>;
}

/** At least so many bytes, where there are so many. */
async function beginning(body: AsyncIterable<Buffer>, bytes: number): Promise<Beginning> {
  const rest = body[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < bytes) {
    const next = await rest.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  return { head, rest };
}

async function* joined(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* { [Symbol.asyncIterator]: () => rest };
}
