import type { IncomingMessage } from 'node:http';
import { FileTooLargeError, UnpackableFileError, unpacked, type Encoding } from '../db/unpack';
import { discard, interrupted } from './body';
import { Problem } from './problems';
import { takingItsTime } from './request-deadline';

/** A file that is a request's body, however large. */
export interface Upload {
  /**
   * Has `work` take the file as it comes, unpacked; its speed is that of `work`.
   * @param limit of the unpacked bytes
   * @throws Problem 400 when it does not come to its end or cannot be unpacked, 413 beyond the limit
   */
  receive<T>(limit: number, work: (file: AsyncIterable<Buffer>) => Promise<T>): Promise<T>;
}

/** @throws Problem 415 */
export function uploadOf(request: IncomingMessage): Upload {
  const encoding = encodingOf(request);
  return {
    async receive(limit, work) {
      try {
        return await takingItsTime(request, () => work(unpacked(bytesOf(request), { limit, encoding })));
      } catch (error) {
        // the sender is to see the answer
        discard(request);
        throw problemOf(error);
      }
    },
  };
}

function encodingOf(request: IncomingMessage): Encoding | undefined {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  switch (encoding) {
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return 'gzip';
    case 'deflate':
      return 'deflate';
    default:
      throw new Problem('unsupported-media-type', 'Content-Encoding of a file may be gzip or deflate.');
  }
}

async function* bytesOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  let size = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
  } catch (cause) {
    throw interrupted(cause);
  }
  if (!request.complete) throw interrupted();
  if (size === 0) throw new Problem('malformed-request', 'The body is empty.');
}

function problemOf(error: unknown): unknown {
  if (error instanceof FileTooLargeError) {
    return new Problem('too-large', `A file may have at most ${error.limit} bytes, unpacked (IOC_IMPORT_LIMIT).`);
  }
  if (error instanceof UnpackableFileError) return new Problem('malformed-request', `${error.message}.`);
  return error;
}
