/** SHA-256 before SHA-1 before MD5: the longer, the harder to forge. Among equals the first. */
export function strongestHash(hashes: readonly string[]): string | undefined {
  return hashes.reduce<string | undefined>(
    (best, hash) => (best === undefined || hash.length > best.length ? hash : best),
    undefined,
  );
}

/** Hashes of the file without content, which every sandbox and every failed download reports. */
export const EMPTY_FILE_HASHES: readonly string[] = [
  'd41d8cd98f00b204e9800998ecf8427e',
  'da39a3ee5e6b4b0d3255bfef95601890afd80709',
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
];
