import { isObject } from '../../is-object';
import { listOf, textOf } from '../told';

/** Name of the reference that we write ourselves, which may be no link. */
export const NAMED_REFERENCE = 'reference';

/** Where one can read more of an object: the first link, else the text of a reference of our own. */
export function referenceOf({ external_references }: Record<string, unknown>): string | undefined {
  const references = listOf(external_references).filter(isObject);
  const links = references.map(({ url }) => textOf(url)).filter((url) => /^https?:\/\//i.test(url ?? ''));
  return links[0] ?? textOf(references.find(({ source_name }) => source_name === NAMED_REFERENCE)?.['description']);
}
