import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { AnyReply, Stream } from './define-route';

/**
 * Sends a text as it is made, no faster than it is taken. What fails before its first piece is a refusal like any other;
 * after that the connection is broken, so that nobody takes for whole what is not.
 * @throws what the text throws
 */
export async function sendStream(
  response: Response,
  { mediaType, text }: Stream,
  { status, headers = {} }: Pick<AnyReply, 'status' | 'headers'>,
): Promise<void> {
  const pieces = text[Symbol.asyncIterator]();
  const first = await pieces.next();
  response.status(status).set(headers).set('Content-Type', mediaType);
  if (first.done || response.req.method === 'HEAD') {
    await pieces.return?.();
    response.end();
    return;
  }
  try {
    await pipeline(Readable.from(whole(first.value, pieces)), response);
  } catch (error) {
    // who has gone away is nobody's failure
    if (!isGone(error)) throw error;
  }
}

async function* whole(first: string, rest: AsyncIterator<string>): AsyncGenerator<string> {
  try {
    yield first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
