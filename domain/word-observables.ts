import { addressOf } from './endpoint';
import { isOtherHash } from './hash-context';
import { isPublicDomain } from './hostnames';
import { normaliseEmail, normaliseHash } from './normalise';
import { fromHostOrLink, fromEndpoint, MOST_LABELS, type Reading } from './text-hosts';
import type { Found } from './text-links';
import type { Word } from './text-words';

/** Longer runs of characters are encoded data. */
const LONGEST_WORD = 2048;
/** Two colons may begin an IPv6 address, or end it. */
const EDGE_LEFT = /^(?:[([./-]|:(?!:)){1,8}/;
const EDGE_RIGHT = /(?:[)\].?/-]|(?<!:):(?!:)){1,8}$/;
/** Directories, but not `//evil.com`. */
const PATH = /^(?:\.{0,2}|~)\/(?!\/)/;
/** `\\evil.com\share`, `\\evil.com@SSL\DavWWWRoot`, also when escaped once more. */
const SHARE = /^\\{2,8}([^\\/@:]{1,255})(?:@[a-z0-9@]{1,16})?(?:\\|$)/i;
/** What stands behind these is a version, also where it could be an address. */
const VERSION =
  /(?:^v|(?:^|[^a-z])ver|version|release|build|firmware|revision|firefox|chrome|chromium|safari|opera)\W{0,4}$/i;
/** Mails themselves, and whom registries name to complain to, have names like mail addresses. */
const NO_MAILBOX =
  /(?:message-?_?id|references|in-reply-to|content-id|abuse(?:[-_]?(?:mailbox|contact|e-?mail))?|orgabuseemail)\W{0,4}$/i;

/** What a word of a text names; `defanged` are names that are none of files. */
export function observablesInWord(word: Word, defanged: ReadonlySet<string>): Found[] {
  const { isName, link } = word;
  const text = word.text.replace(/^[([]{1,8}(?=[/.~\\])/, '');
  if (text.length > LONGEST_WORD) return [];
  if (text.includes('\\')) return fromWindowsPath(text, { isName, link, defanged }, MOST_LABELS);
  const bare = text.replace(EDGE_LEFT, '').replace(EDGE_RIGHT, '');
  if (PATH.test(text)) return fromSocket(bare);
  if (bare.length < 4) return [];
  const tail = bare.slice(bare.lastIndexOf(':') + 1);
  if (/^[0-9a-f]{32,64}$/i.test(tail)) return fromHash(tail, bare.slice(0, -tail.length), word);
  if (bare.includes('@')) return fromAt(bare, word, { isName, link, defanged });
  const found = fromHostOrLink(bare, { isName, link, defanged });
  return VERSION.test(word.before[0]) ? found.filter(({ type }) => type !== 'ip') : found;
}

/** A path is none, but Java writes an address like one: `/1.2.3.4:51234`. */
function fromSocket(text: string): Found[] {
  const address = addressOf(text);
  return address === undefined ? [] : [{ type: 'ip', value: address }];
}

/** The machine that a shared file lies on; other paths lead nowhere outside. */
function fromWindowsPath(text: string, reading: Reading, labels: number): Found[] {
  const host = SHARE.exec(text)?.[1];
  if (host !== undefined) return fromEndpoint(host, reading);
  const colon = text.indexOf(':');
  // one letter before a colon is a drive
  return labels > 0 && colon > 1 ? fromWindowsPath(text.slice(colon + 1), reading, labels - 1) : [];
}

function fromHash(text: string, label: string, { before, isCut }: Word): Found[] {
  const hash = isCut ? undefined : normaliseHash(text);
  // an image of a container: `nginx@sha256:…`
  if (hash === undefined || label.includes('@')) return [];
  return isOtherHash([label, ...before]) ? [] : [hash];
}

/** A mail address, or an account on a machine: `root@1.2.3.4:22`, `git@evil.com:a/b`, `x@[1.2.3.4]`. */
function fromAt(text: string, { before }: Word, reading: Reading): Found[] {
  if (NO_MAILBOX.test(before[0])) return [];
  const at = text.lastIndexOf('@');
  const local = text.slice(text.lastIndexOf(':', at) + 1, at);
  const host = text.slice(at + 1).replace(/^\[/, '');
  const value = normaliseEmail(`${local}@${host.replace(/\?.{0,2048}$/s, '')}`);
  if (value === undefined) return fromHostOrLink(host, reading);
  return isPublicDomain(value.slice(value.lastIndexOf('@') + 1)) ? [{ type: 'email', value }] : [];
}
