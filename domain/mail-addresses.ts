import { normaliseEmail } from './normalise';

/**
 * The addresses of a list as mail fields give it, each once for each part; undefined where a part cannot be read as one
 * address, so that nobody takes what stands beside it for the whole.
 */
export function mailAddresses(text: string): (string | undefined)[] {
  // a separator in quotes belongs to a name
  const parts = (text.match(/(?:"[^"]*"|[^",;])+/g) ?? []).map((part) => part.trim()).filter((part) => part !== '');
  const addresses: (string | undefined)[] = [];
  let isName = false;
  for (const part of parts) {
    // `Doe, Jane <jane@example.com>`: what has no @ is the beginning of the next one's name
    isName = !part.includes('@');
    if (!isName) addresses.push(readOne(part));
  }
  return isName ? [...addresses, undefined] : addresses;
}

function readOne(part: string): string | undefined {
  const unquoted = part.replace(/"[^"]*"/g, '');
  return unquoted.indexOf('<') === unquoted.lastIndexOf('<') ? normaliseEmail(part) : undefined;
}
