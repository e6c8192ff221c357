/** Of a longer text no more is read: patterns see whole logs. */
const READ_CHARS = 10_000;

/** What the pattern finds in the first of the texts that it fits. */
export function firstMatch(texts: readonly (string | undefined)[], pattern: RegExp): string | undefined {
  for (const text of texts) {
    const found = pattern.exec((text ?? '').slice(0, READ_CHARS))?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}
