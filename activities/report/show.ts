/**
 * How text that an attacker may have written is shown. Escaping for HTML is the template's work; what stands here keeps
 * a text from being a link, from hiding characters and from turning the line around.
 */

const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
const STACKED_MARKS = /(\p{M}{3})\p{M}+/gu;
const WEB_ADDRESS = /\b(https?|ftps?|wss?):\/\/([^\s/?#"'<>\\]*)/gi;
const WWW_HOST = /\bwww(\.[a-z0-9-]+)+/gi;

/** Shows what a reader cannot see: control, direction and zero-width characters as `[U+202E]`; tabs and line ends stay. */
export function visible(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(HIDDEN, (char) => (char === '\n' || char === '\t' ? char : codePoint(char)))
    .replace(STACKED_MARKS, '$1');
}

function codePoint(char: string): string {
  return `[U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;
}

function dots(host: string): string {
  return host.replaceAll('.', '[.]');
}

function defangedScheme(scheme: string): string {
  return /^http/i.test(scheme) ? `${scheme.replace(/tt/i, 'xx')}:` : `${scheme}[:]`;
}

/** `http://a.example/x` → `hxxp://a[.]example/x`: no program that meets the text makes a link of it. */
export function defangAddresses(text: string): string {
  return text
    .replace(WEB_ADDRESS, (_all, scheme: string, host: string) => `${defangedScheme(scheme)}//${dots(host)}`)
    .replace(WWW_HOST, dots);
}

/** The host name an observable would lead a reader to. */
export function hostsOf(type: string, value: string): string[] {
  if (type === 'domain') return [value];
  if (type === 'email') return [value.slice(value.lastIndexOf('@') + 1)];
  return type === 'url' && URL.canParse(value) ? [new URL(value).hostname] : [];
}

/** Writes the given host names as `a[.]example` wherever they stand alone or after an `@` or a dot. */
export function hostDefanger(hosts: readonly string[]): (text: string) => string {
  const names = [...new Set(hosts)].filter((host) => host.includes('.')).sort((a, b) => b.length - a.length);
  if (names.length === 0) return (text) => text;
  const alternatives = names.map((host) => host.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const pattern = new RegExp(`(?<![\\w-])(${alternatives})(?![\\w-]|\\.\\w)`, 'gi');
  return (text) => text.replace(pattern, dots);
}

/** Applies `change` to every string in plain data. */
export function mapStrings<T>(value: T, change: (text: string) => string): T {
  return mapped(value, change) as T;
}

function mapped(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapped(item, change));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapped(item, change)]));
}

/** Cuts a text that would fill pages, and says so. */
export function shortened(text: string, most: number): string {
  return text.length <= most
    ? text
    : `${text.slice(0, most)} … (${text.length - most} more characters in the JSON report)`;
}

/** `2026-11-23T12:00:00.123456Z` → `2026-11-23 12:00:00 UTC`; anything else stays as it is. */
export function clock(instant: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(instant);
  return parts ? `${parts[1]} ${parts[2]} UTC` : instant;
}

/** `1234567` → `1,234,567`, the same on every machine. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}
