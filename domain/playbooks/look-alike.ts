import { registeredDomain } from '../hostnames';

/** Names that phishing imitates most; the site's own domains are added to them. */
const IMITATED: readonly string[] = [
  'paypal.com',
  'microsoft.com',
  'office.com',
  'google.com',
  'apple.com',
  'icloud.com',
  'amazon.com',
  'netflix.com',
  'facebook.com',
  'instagram.com',
  'linkedin.com',
  'dropbox.com',
  'docusign.com',
  'dhl.com',
  'fedex.com',
  'coinbase.com',
];

/** Digits and letter pairs that are read as another letter. */
const CONFUSED: readonly (readonly [RegExp, string])[] = [
  [/0/g, 'o'],
  [/1/g, 'l'],
  [/3/g, 'e'],
  [/5/g, 's'],
  [/rn/g, 'm'],
  [/vv/g, 'w'],
];

const SHORTEST = 5;

function plain(label: string): string {
  return CONFUSED.reduce((result, [confused, meant]) => result.replace(confused, meant), label);
}

function nameOf(domain: string): string {
  return registeredDomain(domain).split('.')[0] ?? '';
}

/** True when one letter was changed, added, left out or swapped with its neighbour. */
function oneSlip(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}

/**
 * The domain that a name imitates: the same name but for a confusable letter or one slip (`micros0ft.com`), or the name
 * as one word among others (`secure-paypal-login.com`). Undefined for the domain itself and all else.
 */
export function imitatedDomain(domain: string, ownDomains: readonly string[]): string | undefined {
  const known = [...ownDomains, ...IMITATED];
  const registered = registeredDomain(domain);
  if (known.some((real) => registered === registeredDomain(real) || domain.endsWith(`.${real}`))) return undefined;
  const label = nameOf(domain);
  return known.find((real) => {
    const name = nameOf(real);
    if (name.length < SHORTEST) return false;
    if (label === name) return false;
    const words = label.split('-').map(plain);
    return words.includes(plain(name)) || oneSlip(label, name);
  });
}
