import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { Problem } from './problems';

/** Largest body, as sent and after inflating, in bytes. */
export const BODY_LIMIT = 5 * 1024 * 1024;

/** A body that is refused is still read to its end, so that the sender gets to see the answer; but not beyond this. */
const DISCARD_LIMIT = 64 * 1024 * 1024;

const INFLATERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** As RFC 6838 has it; also what can be stored with a document. */
const MEDIA_TYPE = /^[a-z0-9][\w!#$&^.+-]*\/[a-z0-9][\w!#$&^.+-]*$/;
const MAX_MEDIA_TYPE = 127;

/** How a media type is read: strictly as JSON, as JSON if it parses else as text, as text, or line by line as JSON. */
export type Reading = 'json' | 'json-or-text' | 'text' | 'ndjson';

const READINGS: Readonly<Record<string, Reading>> = {
  'application/json': 'json',
  'text/json': 'json',
  '': 'json-or-text',
  'text/plain': 'json-or-text',
  'message/rfc822': 'text',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/json-lines': 'ndjson',
  'application/jsonlines': 'ndjson',
  'application/x-jsonlines': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/x-jsonl': 'ndjson',
};

/** A request's body: the exact bytes (inflated) and what they say. */
export interface RequestDocument {
  bytes: Buffer;
  /** As declared, without parameters, lower case; `application/octet-stream` when the sender did not say. */
  mediaType: string;
  /** As the encoding standard calls it, e.g. `utf-8`. */
  charset: string;
  reading: Reading;
  /** Parsed JSON, or the text where it is not JSON; undefined for NDJSON, which is read line by line. */
  content: unknown;
}

const tooLarge = (): Problem => new Problem('too-large', `A body may have at most ${BODY_LIMIT} bytes (5 MiB).`);

/**
 * Reads a request's body for a call that takes any document.
 * @throws Problem 400 (does not parse), 413, 415
 */
export async function readDocument(request: IncomingMessage): Promise<RequestDocument> {
  const { mediaType, charset } = contentType(request.headers['content-type']);
  const reading = readingOf(mediaType);
  if (!reading) throw unsupported(mediaType);
  const { encoding } = decoderFor(charset, false);
  const bytes = await readBytes(request);
  if (bytes.length === 0) throw new Problem('malformed-request', 'The body is empty.');
  const content = reading === 'ndjson' ? undefined : contentOf(bytes, { charset, reading, what: 'body' });
  return { bytes, mediaType: mediaType || 'application/octet-stream', charset: encoding, reading, content };
}

/**
 * What the bytes say, read in a certain way.
 * @throws Problem 400 when they are not what they have to be; `what` is how that calls them
 */
export function contentOf(
  bytes: Buffer,
  { charset, reading, what }: { charset: string; reading: Exclude<Reading, 'ndjson'>; what: string },
): unknown {
  const text = decode(bytes, { charset, fatal: reading === 'json', what });
  return reading === 'text' ? text : parse(text, { orText: reading === 'json-or-text', what });
}

/**
 * Reads a body that must be JSON; without any, `optional` gives `{}`.
 * @throws Problem 400, 413, 415
 */
export async function readJson(request: IncomingMessage, optional = false): Promise<unknown> {
  // a request that declares no length and no chunks has no body (RFC 9112)
  const { 'content-length': length = '0', 'transfer-encoding': chunks } = request.headers;
  if (optional && chunks === undefined && Number(length) === 0) return {};
  const { mediaType, charset } = contentType(request.headers['content-type']);
  if (mediaType !== '' && !isJson(mediaType)) {
    throw new Problem('unsupported-media-type', `This call reads application/json, not ${shown(mediaType)}.`);
  }
  const bytes = await readBytes(request);
  if (bytes.length === 0 && optional) return {};
  if (bytes.length === 0) throw new Problem('malformed-request', 'The body is empty.');
  return contentOf(bytes, { charset, reading: 'json', what: 'body' });
}

function contentType(header: string | undefined): { mediaType: string; charset: string } {
  const [type = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim());
  const charset = parameters.find((parameter) => /^charset=/i.test(parameter))?.slice('charset='.length);
  return { mediaType: type.toLowerCase(), charset: charset?.replace(/^"|"$/g, '') ?? 'utf-8' };
}

function isJson(mediaType: string): boolean {
  if (mediaType.length > MAX_MEDIA_TYPE || !MEDIA_TYPE.test(mediaType)) return false;
  return /^(?:application|text)\/json$|^application\/.+\+json$/.test(mediaType);
}

/** A document that calls itself a kind of JSON without being the usual one is read as what it turns out to be. */
function readingOf(mediaType: string): Reading | undefined {
  if (Object.hasOwn(READINGS, mediaType)) return READINGS[mediaType];
  return isJson(mediaType) ? 'json-or-text' : undefined;
}

function unsupported(mediaType: string): Problem {
  const hint =
    mediaType === 'application/x-www-form-urlencoded'
      ? ' (curl says so by itself with -d: add -H "Content-Type: application/json")'
      : '';
  return new Problem(
    'unsupported-media-type',
    `${shown(mediaType)} is not read here${hint}; send application/json, application/x-ndjson or text/plain.`,
  );
}

const shown = (mediaType: string): string => mediaType.slice(0, MAX_MEDIA_TYPE);

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && !isInflatable(encoding)) {
    throw new Problem('unsupported-media-type', 'Content-Encoding may be gzip, deflate or br.');
  }
  if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT) {
    discard(request);
    throw tooLarge();
  }
  const sent = await collect(request);
  return isInflatable(encoding) ? inflateWith(encoding, sent) : sent;
}

function isInflatable(encoding: string): encoding is keyof typeof INFLATERS {
  return Object.hasOwn(INFLATERS, encoding);
}

/** Counts what really arrives: a declared length is only a claim. */
function collect(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT) {
        chunks.push(chunk);
        return;
      }
      request.removeAllListeners('data');
      discard(request);
      reject(tooLarge());
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', (cause) => reject(interrupted(cause)));
    request.on('close', () => reject(interrupted()));
  });
}

export const interrupted = (cause?: unknown): Problem =>
  new Problem('malformed-request', 'The connection ended before the body did.', { cause });

/** Reads on, so that the sender gets to see the answer; a sender who does not stop is cut off. */
export function discard(request: IncomingMessage): void {
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > DISCARD_LIMIT) request.destroy();
  });
}

async function inflateWith(encoding: keyof typeof INFLATERS, sent: Buffer): Promise<Buffer> {
  try {
    return await INFLATERS[encoding](sent, { maxOutputLength: BODY_LIMIT });
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge();
    throw new Problem('malformed-request', `The body is not valid ${encoding}.`, { cause });
  }
}

/** Text of the bytes, without a byte order mark. JSON with broken UTF-8 is refused; other text keeps what can be read. */
function decode(bytes: Buffer, { charset, fatal, what }: { charset: string; fatal: boolean; what: string }): string {
  const decoder = decoderFor(charset, fatal);
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new Problem('malformed-request', `The ${what} is not valid ${decoder.encoding}.`, { cause });
  }
}

function decoderFor(charset: string, fatal: boolean) {
  try {
    return new TextDecoder(charset, { fatal });
  } catch {
    throw new Problem('unsupported-media-type', 'The charset is not known; send UTF-8.');
  }
}

function parse(text: string, { orText, what }: { orText: boolean; what: string }): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    if (orText) return text;
    throw new Problem('malformed-request', `The ${what} is not JSON: ${reasonOf(cause)}`, { cause });
  }
}

/** V8 quotes the text around the error; the position alone is enough and repeats nothing that was sent. */
function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : '';
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position) return `it goes wrong at position ${position}.`;
  return message.startsWith('Unexpected end') ? 'it ends too early.' : 'it does not parse.';
}
