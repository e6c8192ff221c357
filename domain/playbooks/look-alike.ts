import punycode from 'punycode/punycode.js';
import { isWithin, registeredDomain } from '../hostnames';

/** Names that phishing imitates most, whoever is attacked; those of the site itself are added to them. */
const IMITATED: readonly string[] = [
  ...['paypal.com', 'microsoft.com', 'office.com', 'google.com', 'apple.com', 'icloud.com', 'amazon.com'],
  ...['netflix.com', 'facebook.com', 'instagram.com', 'whatsapp.com', 'linkedin.com', 'dropbox.com', 'adobe.com'],
  ...['docusign.com', 'sharepoint.com', 'onedrive.com', 'microsoftonline.com', 'outlook.com', 'github.com', 'zoom.us'],
  ...['dhl.com', 'fedex.com', 'ups.com', 'usps.com', 'stripe.com', 'coinbase.com', 'binance.com', 'chase.com'],
  ...[
    'wellsfargo.com',
    'americanexpress.com',
    'citibank.com',
    'santander.com',
    'hsbc.com',
    'ebay.com',
    'salesforce.com',
  ],
  ...['okta.com', 'atlassian.com', 'slack.com', 'wetransfer.com', 'booking.com', 'spotify.com', 'steampowered.com'],
];

/** Letters of other scripts that are drawn like a Latin one. */
const HOMOGLYPHS: Readonly<Record<string, string>> = Object.fromEntries(
  (
    [
      ['a', 'аɑα'],
      ['b', 'ЬƄв'],
      ['c', 'сϲ'],
      ['d', 'ԁɗ'],
      ['e', 'еҽє'],
      ['g', 'ɡց'],
      ['h', 'һհ'],
      ['i', 'іɩı'],
      ['j', 'јϳ'],
      ['k', 'кκ'],
      ['l', 'ӏℓɫ'],
      ['m', 'мṃ'],
      ['n', 'ոп'],
      ['o', 'оοօ'],
      ['p', 'рρ'],
      ['q', 'ԛ'],
      ['r', 'гɾ'],
      ['s', 'ѕꜱ'],
      ['t', 'тτ'],
      ['u', 'սυ'],
      ['v', 'ѵν'],
      ['w', 'ԝѡω'],
      ['x', 'хχ'],
      ['y', 'уүγ'],
      ['z', 'ᴢ'],
    ] as const
  ).flatMap(([latin, drawn]) => [...drawn].map((letter) => [letter, latin] as const)),
);

/** Digits and letter pairs that are read as another letter. */
const CONFUSED: readonly (readonly [RegExp, string])[] = [
  [/0/g, 'o'],
  [/1/g, 'l'],
  [/3/g, 'e'],
  [/5/g, 's'],
  [/rn/g, 'm'],
  [/vv/g, 'w'],
];

/** Shorter names stand in too many others, or are one slip away from them (`slack`, `black`). */
const SHORTEST = { word: 5, slip: 6 };

/** As it is drawn on the screen: international letters instead of their punycode. */
export function drawn(domain: string): string {
  return domain
    .split('.')
    .map((label) => (label.startsWith('xn--') ? decoded(label) : label))
    .join('.');
}

function decoded(label: string): string {
  try {
    return punycode.decode(label.slice('xn--'.length));
  } catch {
    return label;
  }
}

/** Accents dropped, and letters of other scripts read as the Latin ones that they look like. */
function latin(text: string): string {
  const bare = text.normalize('NFKD').replace(/\p{M}/gu, '');
  return [...bare].map((letter) => HOMOGLYPHS[letter] ?? letter).join('');
}

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

export interface Imitation {
  /** The domain that is meant to be read. */
  real: string;
  /** How it is imitated, in words. */
  how: string;
}

/** Names that are given to authorities and schools only; `.ac` alone is a country's, where anybody takes one. */
const OFFICIAL = /\.(?:(?:gov|mil|edu)(?:\.[a-z]{2})?|(?:gouv|gob|govt|ac)\.[a-z]{2})$/;

/** How `label`, the part that was registered, imitates a name; undefined when it does not. */
function likeness(label: string, name: string, domain: string): string | undefined {
  const shown = latin(drawn(label));
  if (shown !== label && plain(shown) === plain(name)) return `it is drawn ${drawn(label)}`;
  if (label === name) return undefined;
  if (plain(label) === plain(name)) return 'letters that look alike';
  if (name.length >= SHORTEST.slip && oneSlip(label, name) && !OFFICIAL.test(domain)) return 'one letter differs';
  return asWord(label, name) ? 'the name stands in it as a word' : undefined;
}

/** Names that are words as well: `office-supplies` means no company. */
const ALSO_WORDS: readonly string[] = ['office', 'booking', 'apple', 'chase', 'slack', 'outlook', 'stripe', 'amazon'];
/** Words that lure beside the name of a company. */
const LURES =
  /^(?:log-?in|sign-?in|secure|security|verify|verification|account|accounts|support|update|billing|invoice|payment|pay|auth|id|mail|team|service|services|alert|notice|portal|online|help|confirm|refund|reset|password)$/;

function asWord(label: string, name: string): boolean {
  const words = label.split('-');
  if (!words.map(plain).includes(plain(name))) return false;
  return !ALSO_WORDS.includes(name) || words.some((word) => LURES.test(word));
}

/** The whole of a domain as one label: `corp-example.com` for `corp.example`. */
function isJoined(label: string, real: string): boolean {
  const whole = registeredDomain(real).replaceAll('.', '');
  return whole.length > SHORTEST.slip && label.includes('-') && label.replaceAll('-', '') === whole;
}

/** The real domain stands as it is before the registered one: `paypal.com.example.net`, but not `google.com.au`. */
function isPrefixed(domain: string, registered: string, real: string): boolean {
  const before = domain.slice(0, domain.length - registered.length);
  return `.${before}`.includes(`.${real}.`);
}

/** A domain; a range among known destinations is none. */
function isName(entry: string): boolean {
  return /[a-z]/i.test(entry) && !entry.includes('/') && !entry.includes(':');
}

/** `*.example.com` and `.example.com` stand for the domain and what is below it. */
function bare(entry: string): string {
  return entry.replace(/^\*?\./, '');
}

/**
 * The domain that a name imitates: drawn like it (`micros0ft.com`, `pаypal.com` with a Cyrillic а), one slip away from it,
 * with its name as one word among others (`secure-paypal-login.com`), or with the whole of it in front. Undefined for the
 * domain itself, for what belongs to it, and for all else.
 * @param own domains of the site and of those it deals with
 */
export function imitated(domain: string, own: readonly string[]): Imitation | undefined {
  const known = [...own.filter(isName).map(bare), ...IMITATED];
  const registered = registeredDomain(domain);
  if (known.some((real) => registered === registeredDomain(real)) || isWithin(domain, known)) return undefined;
  const label = nameOf(domain);
  for (const real of known) {
    if (isPrefixed(domain, registered, real)) return { real, how: `${real} stands in front of ${registered}` };
    const name = nameOf(real);
    if (isJoined(label, real)) return { real, how: 'the same name in one' };
    const how = name.length < SHORTEST.word ? undefined : likeness(label, name, registered);
    if (how !== undefined) return { real, how };
  }
  return undefined;
}
