import type { ProvidersAnswer } from '../client';
import { EXIT, type ExitCode } from '../errors';
import { levelPaint, type Colours, type Output } from '../output';
import { leftIn, nextSlot, notesOn, sharedBy, STATE_WORDS, waitOf, waitsFor, type Provider } from '../provider-words';
import type { Session } from '../session';
import { renderList } from '../table';
import { clean, wrap } from '../text';

/** Waiting lookups shown of each provider; the API lists more. */
const MOST_SHOWN = 10;

/** `soar providers`: what is left of each quota, what waits and until when, and what is wrong. */
export async function providersCommand(session: Session): Promise<ExitCode> {
  const client = await session.client();
  const answer = await client.providers();
  const { out } = session;
  if (out.json) out.data(answer);
  else show(out, answer, Date.now());
  return EXIT.ok;
}

function show(out: Output, { items }: ProvidersAnswer, now: number): void {
  if (items.length === 0) {
    out.line('No worker has reported yet: what the providers are is known once one has started (npm run worker).');
    return;
  }
  showTable(out, items, now);
  for (const provider of items) {
    for (const note of notesOn(provider)) {
      out.line();
      for (const line of wrap(clean(note.text), out.width)) out.line(out.colours[note.colour](line));
    }
  }
  for (const provider of items) showWaiting(out, provider, now);
}

/** A line for each quota of a provider; the first one also bears the rest. */
function showTable(out: Output, items: readonly Provider[], now: number): void {
  out.table(
    [
      { title: 'provider', shrink: true },
      { title: 'state', paint: statePaint(out.colours) },
      { title: 'left' },
      { title: 'waiting', shrink: true },
      { title: 'next slot (UTC)' },
      { title: 'errors', align: 'right' },
    ],
    items.flatMap((provider) => {
      const { title, state, error_rate: rate, requests } = provider;
      const errors = rate === null ? '–' : `${Math.round(rate * 100)}% of ${requests}`;
      const left = leftIn(provider);
      const waiting = waitsFor(provider);
      return Array.from({ length: Math.max(left.length, waiting.length) }, (_, line) => [
        ...(line === 0 ? [clean(title), STATE_WORDS[state]] : ['', '']),
        ...[left[line] ?? '', waiting[line] ?? ''],
        ...(line === 0 ? [nextSlot(provider, now), errors] : ['', '']),
      ]);
    }),
  );
}

function showWaiting(out: Output, provider: Provider, now: number): void {
  const { title, waiting } = provider;
  if (waiting.count === 0) return;
  const shown = waiting.items.slice(0, MOST_SHOWN);
  out.line();
  out.line(out.colours.bold(`Waiting for ${clean(title)}: ${sharedBy(provider)}`));
  const rows = shown.map((item) => [item.incident_id, item.severity, clean(item.observable), clean(waitOf(item, now))]);
  const paints = [same, levelPaint(out.colours)];
  for (const line of renderList(rows, { width: out.width, paints })) out.line(line);
  const further = waiting.count - shown.length;
  if (further > 0) out.line(out.colours.dim(`  … and ${further.toLocaleString('en')} more`));
}

function statePaint(colours: Colours): (text: string) => string {
  const known: Record<string, (text: string) => string> = {
    [STATE_WORDS.ready]: colours.green,
    [STATE_WORDS.blocked]: colours.red,
    [STATE_WORDS.not_configured]: colours.dim,
  };
  return (text) => (known[text.trim()] ?? colours.yellow)(text);
}

function same(text: string): string {
  return text;
}
