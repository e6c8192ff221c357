/**
 * Text that an attacker may have written, as Markdown that shows it and does nothing. Renderers differ in what they make of
 * an escaped character: some look for mentions and addresses after they have taken the backslash away. None looks into a code
 * span. So plain words stand as they are, and everything else stands in code. Hidden characters are shown and addresses
 * defanged before, see `show.ts`.
 */

const WORD = /^[\p{L}\p{M}\p{N}]+(?:[-–'’]\p{L}[\p{L}\p{M}\p{N}]*)*$/u;
/** Also dates, times, shares and addresses of four numbers. */
const NUMBER = /^\d+(?:[-.,:/]\d+)*$/;
/** Harmless between words, though not at the beginning of a line. */
const SIGN = /^(?:[-+=&/]|[^\p{ASCII}\p{L}\p{N}]+)$/u;
/** Longer ones are hashes and the like. */
const LONGEST_WORD = 30;
const AROUND = /^([("'“‘]*)(\S(?:.*?\S)??)([)"'”’.,;:!?%…]*)$/su;
const STARTS_LIST = /^\d+[.)]/;

/** What may not stand in a code span, named as hidden characters are. */
export function withoutBackticks(text: string): string {
  return text.replaceAll('`', '[U+0060]');
}

/** All of it in code, on one line. */
export function code(text: string): string {
  const line = withoutBackticks(text).replace(/\s+/g, ' ').trim();
  return line === '' ? '–' : `\`${line}\``;
}

/** A sentence on one line, in code whatever is not plain words. */
export function prose(text: string): string {
  const parts: string[] = [];
  let inCode: string[] = [];
  const endCode = () => {
    if (inCode.length > 0) parts.push(inCodeButForMarks(inCode.join(' ')));
    inCode = [];
  };
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (isPlain(word, parts.length + inCode.length === 0)) {
      endCode();
      parts.push(word);
    } else {
      inCode.push(word);
    }
  }
  endCode();
  return parts.length === 0 ? '–' : parts.join(' ');
}

/** Brackets and marks around it belong to the sentence. */
function inCodeButForMarks(text: string): string {
  const [, open = '', core = '', close = ''] = AROUND.exec(text) ?? [];
  return core === '' ? code(text) : `${open}${code(core)}${close}`;
}

function isPlain(word: string, isFirst: boolean): boolean {
  if (SIGN.test(word)) return !isFirst;
  if (word.length > LONGEST_WORD || (isFirst && STARTS_LIST.test(word))) return false;
  const core = AROUND.exec(word)?.[2] ?? '';
  return WORD.test(core) || NUMBER.test(core);
}

/** A row of a table. A bar ends a cell even in code, unless escaped; and a backslash before it would escape the escape. */
export function row(...cells: string[]): string {
  const inside = cells.map((cell) => cell.replace(/(\\?)\|/g, (_all, slash) => (slash ? '\\[U+007C]' : '\\|')));
  return `| ${inside.join(' | ')} |`;
}
