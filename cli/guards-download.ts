import { createHash } from 'node:crypto';
import { z } from 'zod';
import { CliError, messageOf } from './errors';

/** The wheel of 2026 has 19 MB. */
export const LARGEST_WHEEL = 128 * 1024 * 1024;
const LARGEST_INDEX = 16 * 1024 * 1024;
const TIMEOUT_MS = 5 * 60_000;
const PACKAGE = 'pymispwarninglists';

const projectSchema = z.object({
  info: z.object({ version: z.string() }),
  urls: z.array(
    z.object({
      packagetype: z.string(),
      url: z.url(),
      yanked: z.boolean().default(false),
      digests: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
    }),
  ),
});

function failed(url: string, why: string): CliError {
  return new CliError(`${url} cannot be used: ${why}.`, 'Nothing was changed. --from takes a wheel or a folder, too.');
}

/** @throws CliError when it does not come, not within the time, or is longer than `limit` bytes */
async function download(url: string, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`it answers ${response.status}`);
    if (url.startsWith('https:') && !response.url.startsWith('https:'))
      throw new Error('it leads to a page without TLS');
    const announced = Number(response.headers.get('content-length') ?? 0);
    if (announced > limit) throw new Error(`it has ${announced} bytes, more than ${limit}`);
    for await (const chunk of response.body ?? []) {
      const bytes = chunk as Uint8Array;
      length += bytes.length;
      if (length > limit) throw new Error(`it has more than ${limit} bytes`);
      chunks.push(bytes);
    }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    throw failed(url, `${messageOf(error)}${cause}`);
  }
  return Buffer.concat(chunks);
}

function checked(bytes: Buffer, sha256: string, url: string): Buffer {
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== sha256) throw failed(url, `its SHA-256 is ${actual}, and not ${sha256}`);
  return bytes;
}

/**
 * The newest wheel of `pymispwarninglists`, checked against the digest that the index names.
 * @param indexUrl base URL of PyPI or a mirror with its JSON API
 * @throws CliError when there is none, or not the one that was promised
 */
export async function newestWheel(indexUrl: string): Promise<{ bytes: Buffer; url: string }> {
  const index = `${indexUrl.replace(/\/+$/, '')}/pypi/${PACKAGE}/json`;
  const text = (await download(index, LARGEST_INDEX)).toString('utf8');
  let project: z.infer<typeof projectSchema>;
  try {
    project = projectSchema.parse(JSON.parse(text));
  } catch {
    throw failed(index, 'it is not the JSON API of a Python package index');
  }
  const wheel = project.urls.find(({ packagetype, yanked }) => packagetype === 'bdist_wheel' && !yanked);
  if (!wheel) throw failed(index, `version ${project.info.version} has no wheel`);
  if (index.startsWith('https:') && !wheel.url.startsWith('https:')) throw failed(wheel.url, 'it is not https');
  const bytes = await download(wheel.url, LARGEST_WHEEL);
  return { bytes: checked(bytes, wheel.digests.sha256, wheel.url), url: wheel.url };
}

/**
 * The wheel at a URL; a digest may stand behind it as `#sha256=…`, as with pip, and must where the way is not encrypted.
 * @throws CliError when it does not come, or is not what the digest says
 */
export async function wheelAt(url: string): Promise<Buffer> {
  const [address = '', fragment = ''] = url.split('#');
  const sha256 = /^sha256=([0-9a-f]{64})$/i.exec(fragment)?.[1]?.toLowerCase();
  if (sha256 === undefined && (fragment !== '' || !address.startsWith('https:'))) {
    throw failed(address, 'a URL that is not https needs its digest, #sha256=…');
  }
  const bytes = await download(address, LARGEST_WHEEL);
  return sha256 === undefined ? bytes : checked(bytes, sha256, address);
}
