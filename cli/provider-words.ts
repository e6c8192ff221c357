import type { ProvidersAnswer } from './client';
import { age, counted, plural, shortTime } from './text';

export type Provider = ProvidersAnswer['items'][number];

/** States as people say them. */
export const STATE_WORDS = {
  ready: 'ready',
  not_configured: 'not set up',
  blocked: 'key refused',
  silent: 'left alone',
  spent: 'quota spent',
} as const satisfies Record<Provider['state'], string>;

const SPANS: Record<string, string> = {
  second: 'this second',
  minute: 'this minute',
  hour: 'this hour',
  day: 'today',
  month: 'this month',
};

/** `3 of 4 this minute`, for each quota. */
export function leftIn({ configured, windows }: Provider): string[] {
  if (!configured) return ['–'];
  if (windows.length === 0) return ['no limit'];
  return windows.map(({ name, left, limit }) => `${counted(left)} of ${counted(limit)} ${SPANS[name] ?? `(${name})`}`);
}

/** `12 lookups` and `in 9 incidents`: two lines of a narrow column. */
export function waitsFor({ waiting: { count, incidents } }: Provider): string[] {
  if (count === 0) return ['–'];
  return [plural(count, 'lookup'), `in ${plural(incidents, 'incident')}`];
}

/** `12 lookups in 9 incidents`. */
export function sharedBy(provider: Provider): string {
  return waitsFor(provider).join(' ');
}

/** When the next request may go, if any may. */
export function nextSlot({ state, next_slot_at: at }: Provider, now: number): string {
  if (state === 'not_configured' || state === 'blocked') return '–';
  return at === null ? 'now' : moment(at, now);
}

/** `for 4m, until 12:03:10 UTC: why`. */
export function waitOf({ since, until, reason }: Provider['waiting']['items'][number], now: number): string {
  const end = until === null ? 'nobody knows until when' : `until ${moment(until, now)} UTC`;
  return `for ${age(since, now)}, ${end}: ${reason}`;
}

interface Note {
  text: string;
  colour: 'red' | 'yellow' | 'dim';
}

/** What is wrong with a provider or was, and what to do about it; the worst first. */
export function notesOn(provider: Provider): Note[] {
  const { title, state, setting, blocked, silent, told, last_error: error } = provider;
  const notes: Note[] = [];
  if (state === 'not_configured') {
    const how = setting ? `: set ${setting} and restart the workers` : '';
    notes.push({ colour: 'dim', text: `${title} is not set up${how}.` });
  }
  if (blocked) {
    const mend = setting ? ` Set ${setting} right and restart the workers` : ' Mend it';
    const probe = ` The same key is tried again by the first lookup after ${shortTime(blocked.probe_at)} UTC.`;
    notes.push({
      colour: 'red',
      text:
        `${title} has refused its key since ${shortTime(blocked.since)} UTC (${blocked.message}); nothing is sent.` +
        `${mend}, then have what failed asked again (soar retry INC-…).${probe}`,
    });
  }
  if (silent) {
    notes.push({
      colour: 'yellow',
      text: `${title} is left alone until ${shortTime(silent.until)} UTC: ${silent.reason}.`,
    });
  }
  if (provider.one_at_a_time && !silent && !blocked) {
    const why = 'it has refused or not answered of late';
    notes.push({ colour: 'dim', text: `${title} is asked one at a time, whatever its quota: ${why}.` });
  }
  if (told && saysLess(provider, told.left)) {
    const left = told.left === 1 ? '1 request is' : `${counted(told.left)} requests are`;
    notes.push({ colour: 'dim', text: `${title} itself says that ${left} left until ${shortTime(told.until)} UTC.` });
  }
  if (error && error.message !== blocked?.message) {
    const status = error.http_status === null ? '' : `HTTP ${error.http_status}, `;
    const text = `${title}: last error at ${shortTime(error.at)} UTC: ${status}${error.kind}: ${error.message}`;
    notes.push({ colour: 'dim', text });
  }
  return notes;
}

/** Worth telling only when it is not what we count ourselves. */
function saysLess({ windows }: Provider, told: number): boolean {
  return told === 0 || (windows.length > 0 && windows.every(({ left }) => told < left));
}

/** Of today only the time, of other days no seconds. */
function moment(instant: string, now: number): string {
  const text = shortTime(instant);
  const today = new Date(now).toISOString().slice(0, 10);
  return text.startsWith(today) ? text.slice(today.length + 1) : text.slice(0, 'yyyy-mm-dd hh:mm'.length);
}
