import { InvalidCursorError } from '../db/errors';
import type { LinkBase } from './links';
import { invalidFields } from './problems';

/** A cursor is ours; one that was altered or belongs to another list is the caller's mistake. @throws Problem 422 */
export async function pageOrRefuse<T>(page: Promise<T>, detail = 'Is not a cursor of this list'): Promise<T> {
  try {
    return await page;
  } catch (error) {
    if (error instanceof InvalidCursorError) throw invalidFields([{ pointer: '?cursor', detail }]);
    throw error;
  }
}

/** The same call for the page that follows; null behind the last one. @param name of the parameter that says which */
export function nextPage(
  url: string,
  cursor: string | number | null,
  { publicUrl }: LinkBase,
  name = 'cursor',
): string | null {
  if (cursor === null) return null;
  const [path = '', ...rest] = url.split('?');
  const query = new URLSearchParams(rest.join('?'));
  query.set(name, String(cursor));
  return `${publicUrl}${path}?${query.toString()}`;
}
