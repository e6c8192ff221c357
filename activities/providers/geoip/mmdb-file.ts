import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Reader, type Response } from 'maxmind';

/** An MMDB file that cannot be read as one. Its message names the file and says what to do about it. */
export class MmdbFileError extends Error {
  constructor(path: string, why: string) {
    super(`${path} ${why}`);
    this.name = 'MmdbFileError';
  }
}

/** A database as it was read. */
export interface Mmdb {
  /** As the file calls itself: `GeoLite2-City`, `DBIP-Country-Lite` … */
  type: string;
  /** RFC 3339. */
  built: string;
  /** The record on an address; null when it holds none. @throws when the file is damaged at that place */
  get(address: string): unknown;
}

export interface MmdbFile {
  readonly path: string;
  /**
   * The database, read again when the file has been replaced. A file that has become unusable leaves the last good one
   * in force; undefined when there never was one.
   */
  current(): Promise<Mmdb | undefined>;
}

/** What lies between the search tree and the data, so that it tells a damaged or cut file. */
const GAP = Buffer.alloc(16);
const NO_MMDB = 'is no usable MMDB file: download it again';

/** Watches one file; it is read when first asked for. */
export function mmdbFile(path: string): MmdbFile {
  return new WatchedFile(path);
}

/** Reads the file at once. @throws MmdbFileError when it is missing or no MMDB */
export function openMmdbFile(path: string): MmdbFile {
  return new WatchedFile(path, parse(path, read(path)));
}

class WatchedFile implements MmdbFile {
  /** Tells one state of the file from another; undefined = not looked at yet. */
  private seen: string | undefined;
  private reading: Promise<void> | undefined;

  constructor(
    readonly path: string,
    private database?: Mmdb,
  ) {}

  async current(): Promise<Mmdb | undefined> {
    this.reading ??= this.refresh().finally(() => (this.reading = undefined));
    await this.reading;
    return this.database;
  }

  private async refresh(): Promise<void> {
    try {
      const { ino, size, mtimeMs } = await stat(this.path);
      const state = `${ino} ${size} ${mtimeMs}`;
      if (state === this.seen) return;
      this.seen = state;
      this.database = parse(this.path, await readFile(this.path));
    } catch {
      // The last good database stays; the file is tried again when it changes.
    }
  }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new MmdbFileError(path, code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`);
  }
}

function parse(path: string, bytes: Buffer): Mmdb {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) throw new MmdbFileError(path, 'is packed with gzip: unpack it first');
  let reader: Reader<Response>;
  try {
    reader = new Reader<Response>(bytes);
  } catch {
    throw new MmdbFileError(path, NO_MMDB);
  }
  const { databaseType, buildEpoch, ipVersion, searchTreeSize } = reader.metadata;
  const isWhole = bytes.subarray(searchTreeSize, searchTreeSize + GAP.length).equals(GAP);
  if (typeof databaseType !== 'string' || Number.isNaN(buildEpoch.getTime()) || !isWhole) {
    throw new MmdbFileError(path, NO_MMDB);
  }
  return {
    type: databaseType,
    built: buildEpoch.toISOString(),
    // The reader would take the first bits of an IPv6 address for an IPv4 one.
    get: (address) => (ipVersion === 4 && address.includes(':') ? null : reader.get(address)),
  };
}
