/** A run of characters without any that stands between words, and what is around it. */
export interface Word {
  text: string;
  /** The word before, and the one before that; empty where there is none. Punctuation alone is no word. */
  before: readonly [string, string];
  /** True for the name in a pair: `"event.id": 4`, `event.id=4`. */
  isName: boolean;
  /** True when an ellipsis stands at either end. */
  isCut: boolean;
  /** What a link that begins here would take: words end at `=` and `&`, links do not. */
  link: () => string;
}

/**
 * Colons, dots, slashes and brackets belong to addresses. Quotes, dots and brackets of typesetting, Western and Chinese,
 * never do. One class and nothing else: read in linear time.
 */
const WORD =
  /[^\s"'`<>{}|^,;=!*&\u00ab\u00bb\u2013-\u2014\u2018-\u201f\u2022\u2026\u2192\u3001\u3008-\u3011\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]+/g;
const NAME_ENDS = /["'`]\s{0,4}[:=](?!=)|\s{0,4}=(?!=)/y;
const LINK_REST = /[^\s"'<>`{}|\\^,;]{1,2048}/y;

const ELLIPSIS = '\u2026';

/** The words of a text, in order. */
export function* wordsOf(text: string): Generator<Word> {
  let before: readonly [string, string] = ['', ''];
  for (const match of text.matchAll(WORD)) {
    const [word] = match;
    const from = match.index;
    yield {
      text: word,
      before,
      isCut: /^\.\.|\.\.$/.test(word) || text[from - 1] === ELLIPSIS || text[from + word.length] === ELLIPSIS,
      isName: matchAt(NAME_ENDS, text, from + word.length) !== undefined,
      link: () => matchAt(LINK_REST, text, from) ?? word,
    };
    if (/[a-z0-9]/i.test(word)) before = [word, before[0]];
  }
}

function matchAt(pattern: RegExp, text: string, index: number): string | undefined {
  pattern.lastIndex = index;
  return pattern.exec(text)?.[0];
}
