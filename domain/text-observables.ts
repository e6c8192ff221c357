import { defangedNames, refang, refangWords } from './refang';
import { takeLinks, type Found } from './text-links';
import { wordsOf } from './text-words';
import { observablesInWord } from './word-observables';

/** Text beyond this is not searched; it is kept with the alert. */
export const SEARCHED_CHARACTERS = 1024 * 1024;

/**
 * The observables that stand in free text: defanged or not, links, addresses with and without port, host names with a
 * public suffix, mail addresses, file hashes; links first, each kind in order of appearance, with repetitions. What stands
 * in a file's path, a range of addresses, a version number or a link to a console is none. Runs in linear time.
 */
export function observablesInText(text: string): Found[] {
  const searched = text.slice(0, SEARCHED_CHARACTERS);
  const { found, rest } = takeLinks(refang(searched));
  const defanged = defangedNames(searched);
  for (const word of wordsOf(refangWords(rest))) found.push(...observablesInWord(word, defanged));
  return found;
}
