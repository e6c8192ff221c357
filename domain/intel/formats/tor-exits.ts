import type { Finding, IntelFormat, Part, ReadOptions } from '../format';
import { linesOfHead } from '../table';
import { found, problem, told } from '../told';

/** Of what is said of a relay, only where its traffic comes out; its fingerprint looks like a SHA-1. */
const RELAY = /^(?:ExitNode|Published|LastStatus)\s/;
const ADDRESS = /^ExitAddress\s+(\S+)(?:\s+(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d))?\s*$/;

/** The Tor project's list of exits, with their records; a bare list of addresses under the same name. */
export const torExits: IntelFormat = {
  name: 'tor-exits',
  title: 'Tor exit nodes',
  cut: 'lines',
  recognises: (head) => {
    const lines = linesOfHead(head).slice(0, 40);
    return lines.some((line) => ADDRESS.test(line)) && lines.every((line) => RELAY.test(line) || ADDRESS.test(line))
      ? 1
      : 0;
  },
  open: (options) => ({ read: (part) => readLine(part, options) }),
};

function readLine({ text, line }: Part, { now }: ReadOptions): Finding[] {
  if (RELAY.test(text) || /^\s*#/.test(text)) return [];
  const [, address = text, seen] = ADDRESS.exec(text) ?? [];
  if (/^ExitAddress\b/.test(address)) return [problem(line, 'refused', text, 'Is a record without an address')];
  return [found(line, 'ip', address, told({ last_seen: seen, tags: ['tor-exit'] }, now))];
}
