/** True when the text is what the pattern says, case aside; `*` stands for anything. Linear time, whatever the pattern. */
export function fits(text: string, pattern: string): boolean {
  const [head = '', ...parts] = pattern.toLowerCase().split('*');
  const lower = text.toLowerCase();
  const tail = parts.pop();
  if (tail === undefined) return lower === head;
  if (!lower.startsWith(head) || !lower.endsWith(tail) || lower.length < head.length + tail.length) return false;
  const end = lower.length - tail.length;
  let at = head.length;
  for (const part of parts) {
    const next = lower.indexOf(part, at);
    if (next < 0 || next + part.length > end) return false;
    at = next + part.length;
  }
  return true;
}

/** Words apart by one blank each, with one before and one after; case and punctuation say nothing. */
export function wordsOf(text: string): string {
  return ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}*]+/gu, ' ')
    .trim()} `;
}

/**
 * What of the words (see {@link wordsOf}) the phrase finds: whole words, one after the other; a `*` at the end of a word
 * lets it go on, a `*` of its own stands for any words between.
 */
export function phraseIn(words: string, phrase: string): string | undefined {
  const parts = wordsOf(phrase).split(' * ');
  let at = 0;
  let start = -1;
  for (const part of parts) {
    const wanted = ` ${part.trim().replace(/\*$/, '')}${part.trim().endsWith('*') ? '' : ' '}`;
    const next = words.indexOf(wanted, at);
    if (next < 0) return undefined;
    if (start < 0) start = next + 1;
    at = next + wanted.trimEnd().length;
  }
  const end = words.indexOf(' ', at);
  return words.slice(start, end < 0 ? undefined : end);
}
