import { TLP_LABELS, type Alert, type Tlp } from './alert';

const WRITTEN = /^(clear|white|green|amber(?:[+_ -]?strict)?|red)$/;

/** A label as people write it: `TLP:RED`, `amber-strict`, `White` (the name of `clear` before TLP 2.0). */
export function readTlp(text: string): Tlp | undefined {
  const bare = text
    .trim()
    .toLowerCase()
    .replace(/^tlp\s*[:=_ -]\s*/, '')
    .replace(/^"(.*)"$/, '$1');
  const word = WRITTEN.exec(bare)?.[1];
  if (word === undefined) return undefined;
  if (word === 'white') return 'clear';
  return word.endsWith('strict') ? 'amber+strict' : TLP_LABELS.find((label) => label === word);
}

/** Also in characters of another width. */
// eslint-disable-next-line no-control-regex
const NAMES_TLP = /tlp|[^\u0000-\u007f]/i;

/** A tag that is meant as a label; one that cannot be read may forbid anything, so it forbids all. */
function readTag(tag: string): Tlp | undefined {
  if (!NAMES_TLP.test(tag)) return undefined;
  // with the wide characters, quotes and brackets that tools put around it
  const bare = tag.normalize('NFKC').replace(/^[\s"'([{]+|[\s"')\]}]+$/g, '');
  if (!/^tlp(?![a-z])|^tlp(?:red|amber|green|clear|white)/i.test(bare)) return undefined;
  return readTlp(bare) ?? 'red';
}

/** The label of an alert, in its field or as a tag (`tlp:red`, as MISP and TheHive have it); the strictest counts. */
export function tlpOf({ tlp, tags = [] }: Alert): Tlp | undefined {
  const tagged = tags.map(readTag);
  return TLP_LABELS.findLast((label) => label === tlp || tagged.includes(label));
}
