import { isObject } from '../../is-object';
import type { Finding, IntelFormat, Part } from '../format';
import { linesOfHead } from '../table';
import { found, problem, textOf, told, type Told } from '../told';

const NOTICE = /^; Spamhaus\b/m;
const TEXT_ROW = /^([\da-f.:]{2,45}\/\d{1,3})\s*;\s*(SBL\d{1,12})?\s*$/i;

/** Ranges with the listing that says why, as text (`CIDR ; SBL…`) and, since 2024, as one JSON object a line. */
export const spamhausDrop: IntelFormat = {
  name: 'spamhaus-drop',
  title: 'Spamhaus DROP',
  cut: 'lines',
  recognises(head, value) {
    if (isObject(value)) return typeof value['cidr'] === 'string' && 'sblid' in value ? 1 : 0;
    if (NOTICE.test(head)) return 1;
    const rows = linesOfHead(head).slice(0, 20);
    return rows.length > 0 && rows.every((row) => /^\s*;/.test(row) || TEXT_ROW.test(row)) ? 0.9 : 0;
  },
  open: ({ now }) => ({
    read: (part) => (part.text.trimStart().startsWith('{') ? fromJson(part, now) : fromText(part, now)),
  }),
};

function aboutListing(listing: string | undefined, now: string): Told {
  const reference = listing && `https://check.spamhaus.org/sbl/query/${encodeURIComponent(listing)}`;
  return told({ reference }, now);
}

function fromText({ text, line }: Part, now: string): Finding[] {
  const [range = '', listing] = text.split(';').map((each) => each.trim());
  return range === '' ? [] : [found(line, 'ip', range, aboutListing(textOf(listing), now))];
}

function fromJson({ text, line }: Part, now: string): Finding[] {
  const record = parsed(text);
  if (!isObject(record)) return [problem(line, 'refused', text, 'Is no JSON')];
  const range = textOf(record['cidr']);
  if (range !== undefined) return [found(line, 'ip', range, aboutListing(textOf(record['sblid']), now))];
  if (record['type'] === 'metadata') return [];
  const isNetwork = record['asn'] !== undefined;
  return [
    problem(
      line,
      'unsupported',
      text,
      isNetwork ? 'Is an autonomous system, which cannot be looked up' : 'Has no range',
    ),
  ];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
