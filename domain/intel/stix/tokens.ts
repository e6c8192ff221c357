/** A pattern that does not follow the grammar, with where it goes wrong. */
export class PatternError extends Error {
  constructor(
    what: string,
    /** Of the first sign that does not fit, from 1. */
    readonly position: number,
  ) {
    super(`${what} at position ${position}`);
    this.name = 'PatternError';
  }
}

export interface Token {
  /** `word`: a keyword or a name; `literal`: a number, a time or bytes. */
  kind: 'word' | 'string' | 'literal' | 'sign' | 'end';
  /** What it says; of a string, without quotes and escapes. */
  text: string;
  /** From 1. */
  position: number;
}

const BLANK = /\s+/y;
const WORD = /[A-Za-z_][\w-]*/y;
const NUMBER = /[+-]?\d+(?:\.\d*)?/y;
const SIGN = /[!<>=]=|<>|[[\](),:.=<>*]/y;
/** What may stand before a string and makes a time or bytes of it. */
const MARKS = ['t', 'h', 'b'];

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Reads a string from its quote on; a backslash makes the next sign an ordinary one. */
function stringAt(text: string, begin: number): { content: string; end: number } {
  const quote = text[begin];
  let content = '';
  let from = begin + 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === quote) return { content: content + text.slice(from, at), end: at + 1 };
    if (text[at] !== '\\') continue;
    content += text.slice(from, at);
    from = ++at;
  }
  throw new PatternError('the string that begins is never closed', begin + 1);
}

function tokenAt(text: string, at: number): { token: Token; end: number } {
  const position = at + 1;
  const marked = MARKS.includes(text[at] ?? '') && text[at + 1] === "'";
  if (marked || text[at] === "'" || text[at] === '"') {
    const { content, end } = stringAt(text, marked ? at + 1 : at);
    return { token: { kind: marked ? 'literal' : 'string', text: content, position }, end };
  }
  const kinds = [
    ['word', WORD],
    ['literal', NUMBER],
    ['sign', SIGN],
  ] as const;
  for (const [kind, pattern] of kinds) {
    const found = matchAt(pattern, text, at);
    if (found !== undefined) return { token: { kind, text: found, position }, end: at + found.length };
  }
  throw new PatternError(`${JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0))} means nothing`, position);
}

/**
 * The words, strings and signs of a STIX pattern, and its end.
 * @throws PatternError for what is none of them
 */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += matchAt(BLANK, text, at)?.length ?? 0;
    if (at >= text.length) break;
    const { token, end } = tokenAt(text, at);
    tokens.push(token);
    at = end;
  }
  return [...tokens, { kind: 'end', text: 'the end', position: text.length + 1 }];
}
