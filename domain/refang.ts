/**
 * Ways in which reports make an indicator harmless, and what stands for it. Every pattern starts with a literal and has
 * no unbounded repetition, so that a megabyte of brackets is read in linear time.
 */
const DEFANGED: readonly (readonly [RegExp, string])[] = [
  [/\bh(?:xx|XX|\*\*|tt)p(s?)(?=[[(:{<])/gi, 'http$1'],
  [/\bfxp(s?)(?=[[(:{<])/gi, 'ftp$1'],
  [/[[({<]:\/\/[\])}>]/g, '://'],
  [/[[({<]:[\])}>]\/\//g, '://'],
  [/[[({<][:][\])}>]/g, ':'],
  [/[[({<]\/[\])}>]/g, '/'],
  [/ ?[[({<] ?(?:\.|dot|punto|punkt) ?[\])}>] ?/gi, '.'],
  [/\[\.(?=[a-z0-9])/gi, '.'],
  [/(?<=[a-z0-9])\.\]/gi, '.'],
  [/\\\.(?=[a-z0-9])/gi, '.'],
  [/ ?[[({<] ?(?:@|at|arroba) ?[\])}>] ?/gi, '@'],
  [/\[(www)\]\./gi, '$1.'],
  [/:\\\/\\\//g, '://'],
  [/\\\//g, '/'],
  [/[\u3002\uff0e\uff61]/g, '.'],
  // broken on the way
  [/(?<![^\s"'(<[])(https?)(?::\/|\/\/)(?=[a-z0-9])/gi, '$1://'],
  [/(?<![^\s"'(<[])(https?:\/\/) (?=[a-z0-9])/gi, '$1'],
];

/** Something that one of the patterns begins with. Most values are none of it, and there are millions. */
const MAYBE = /[[({<\])}>\\\u3002\uff0e\uff61]|h(?:xx|\*\*)p|fxp|https?(?::\/[^/]|\/\/|:\/\/ )/i;
/** A scheme that is not in lower case. */
const LOUD = /(?!http)[hH][tT]{2}[pP]/;

/** `hxxps[:]//evil[.]example` → `https://evil.example`; text that is not defanged comes back as it is. */
export function refang(text: string): string {
  if (!MAYBE.test(text) && !LOUD.test(text)) return text;
  return DEFANGED.reduce((result, [pattern, plain]) => result.replace(pattern, plain), text);
}

/**
 * Forms that mean something in free text only, and may be plain words: so what stands there besides stays. `bob AT evil.com`
 * may be an address, `failed AT evil.com` is a host. Line breaks that were escaped twice end a word.
 */
const IN_WORDS: readonly (readonly [RegExp, string])[] = [
  [/(?<=[a-z0-9])DOT(?=[a-z]{2,18}(?![a-z0-9]))/g, '.'],
  [/(?<=[a-z0-9]) DOT (?=[a-z]{2,18}(?![a-z0-9]))/g, '.'],
  [/(?<![\w.+-])([\w.+-]{0,63}[a-z0-9]) AT ((?:[\w-]{1,63}\.){1,8}[a-zA-Z]{2,18})(?![\w-])/g, '$1@$2 $2'],
  [/\\r\\n/g, ' '],
  [/\\[nrt](?=\d{1,3}\.\d)/g, ' '],
  [/\\(?<=[0-9a-fA-F]{32}\\)[nrt]/g, ' '],
];

/** {@link refang} for what is left of a text when its links are taken out. */
export function refangWords(text: string): string {
  return IN_WORDS.reduce((result, [pattern, plain]) => result.replace(pattern, plain), text);
}

const DEFANGED_NAME =
  /(?<![a-z0-9-])([a-z0-9-]{1,63})(?:[[({]\.[\])}]|[[({]dot[\])}]|\[\.|\\\.)([a-z]{2,18})(?![a-z0-9-])/gi;

/** The last two labels of the names that somebody took care to defang: those are no names of files. */
export function defangedNames(text: string): ReadonlySet<string> {
  return new Set(Array.from(text.matchAll(DEFANGED_NAME), ([, label, end]) => `${label}.${end}`.toLowerCase()));
}
