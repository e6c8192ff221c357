import type { Finding, IocType } from './indicator';
import type { Row } from './table';
import { found, problem, type Told } from './told';
import { typedParts, typeNamed } from './type-names';
import { readValue } from './value';

/** Words for a type that leave it to the value. */
const ANY_TYPE =
  /^(?:ioc|indicator|observable|value|hash|hashes|file[ _-]?hash|stix[ _-]?file|network|other|unknown|c2|c&c)$/i;

/** What came of a value that a row gives a type by a word of its own. */
export function typedFindings(line: number, word: string, text: string, about: Told): Finding[] {
  return typedParts(word, text).map((part) => {
    const type = typeNamed(part.word);
    if (type === 'unsupported')
      return problem(line, 'unsupported', part.text, `Is ${kind(part.word)}, which cannot be looked up`);
    return type === undefined ? untyped(line, part.word, part.text, about) : found(line, type, part.text, about);
  });
}

function kind(word: string): string {
  return `of the type "${word.slice(0, 50)}"`;
}

/** Digits under an unknown name may be the fingerprint of anything. */
function untyped(line: number, word: string, text: string, about: Told): Finding {
  const read = readValue(undefined, text);
  const isHash = read.ok && ['md5', 'sha1', 'sha256'].includes(read.type);
  const known = word === '' || ANY_TYPE.test(word.trim());
  if (known || (read.ok && !isHash)) return found(line, undefined, text, about);
  return problem(line, 'unsupported', text, `Is ${kind(word)}, which is not known here`);
}

/** What came of the value in a column of one type; nothing where it is empty. */
export function columnFindings(row: Row, column: string, type: IocType | undefined, about: Told): Finding[] {
  const text = row.cell(column);
  return text === undefined ? [] : [found(row.line, type, text, about)];
}

/** Words in one cell: between commas, or each with a `#`; also as a list of Python or JSON. */
export function tagsIn(text: string | undefined): string[] {
  if (text === undefined) return [];
  const bare = text.trim().replace(/^\[(.*)\]$/s, '$1');
  const words = bare.startsWith('#') ? bare.split(/[\s,]+/) : bare.split(/[,;|]/);
  return words.map((word) => inQuotes(word.trim().replace(/^#/, ''))).filter((word) => word !== '');
}

/** What stands in quotes; a quote at the end alone belongs to the word: `tool="x"`. */
function inQuotes(word: string): string {
  return /^["']/.test(word) ? word.replace(/^["']+|["']+$/g, '') : word;
}

const CONFIDENCE_WORDS: Readonly<Record<string, number>> = {
  low: 35,
  medium: 60,
  med: 60,
  moderate: 60,
  high: 85,
  very_high: 95,
  confirmed: 95,
  certain: 95,
};

/** From 0 to 100, also as a share of one (`0.85`), a percentage or a word; undefined for anything else. */
export function confidenceText(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bare = text
    .trim()
    .toLowerCase()
    .replace(/\s*%$/, '')
    .replace(/^(\d+),(\d+)$/, '$1.$2');
  if (/^(?:0?\.\d+|0|1\.0+)$/.test(bare)) return Math.round(Number(bare) * 100);
  if (/^\d{1,3}(?:\.\d+)?$/.test(bare) && Number(bare) <= 100) return Math.round(Number(bare));
  return CONFIDENCE_WORDS[bare.replace(/[^a-z]+/g, '_')];
}
