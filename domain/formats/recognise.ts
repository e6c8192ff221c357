import type { Document, Fields } from './document';
import { has, textAt } from './paths';

/** Takes a document whose shape it knows: the fields of each alert in it, mostly those of the document as they are. */
export type Recogniser = (document: Document) => readonly Fields[] | undefined;

/** JSON that has something at each of the paths, and of which the condition holds. */
export function shape(paths: readonly string[], holds: (fields: Fields) => boolean = () => true): Recogniser {
  return ({ syntax, fields }) => (syntax === 'json' && has(fields, ...paths) && holds(fields) ? [fields] : undefined);
}

const is = (text: string | undefined, wanted: RegExp): boolean => text !== undefined && wanted.test(text);

/** Common Event Format of a vendor's product. */
export function cef(vendor: RegExp, product: RegExp = /./): Recogniser {
  return ({ syntax, fields }) =>
    syntax === 'cef' && is(textAt(fields, 'vendor'), vendor) && is(textAt(fields, 'product'), product)
      ? [fields]
      : undefined;
}

/** Log Event Extended Format of a vendor's product. */
export function leef(vendor: RegExp, product: RegExp = /./): Recogniser {
  return ({ syntax, fields }) =>
    syntax === 'leef' && is(textAt(fields, 'vendor'), vendor) && is(textAt(fields, 'product'), product)
      ? [fields]
      : undefined;
}

/** Text whose message the function can take apart. */
export function text(read: (message: string, document: Document) => Fields | undefined): Recogniser {
  return (document) => {
    if (document.syntax !== 'text') return undefined;
    const fields = read(document.text, document);
    return fields === undefined ? undefined : [fields];
  };
}

/** The named groups of the first of the patterns that fits the message. Patterns must run in linear time. */
export function patterns(...known: readonly RegExp[]): Recogniser {
  return text((message) => {
    const line = message.slice(0, 20_000);
    for (const pattern of known) {
      const groups = pattern.exec(line)?.groups;
      if (groups) return Object.fromEntries(Object.entries(groups).filter(([, value]) => value !== undefined));
    }
    return undefined;
  });
}

/** The first of the recognisers that takes the document. */
export function either(...recognisers: readonly Recogniser[]): Recogniser {
  return (document) => {
    for (const recognise of recognisers) {
      const found = recognise(document);
      if (found) return found;
    }
    return undefined;
  };
}
