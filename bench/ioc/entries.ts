import { createHash } from 'node:crypto';
import type { IocType } from '../../domain/intel/indicator';

export interface BenchEntry {
  type: IocType;
  value: string;
}

const HEADER = 'value,type,confidence,last_seen,tags\n';
/** Of one piece of the file, in characters. */
const PIECE = 64 * 1024;

/** No two numbers have the same one; the mix is that of public feeds: addresses, domains, links, hashes, some ranges. */
export function entryOf(number: number): BenchEntry {
  const kind = number % 20;
  if (kind === 0 && number % 400 === 0) return { type: 'ip', value: rangeOf(number / 400) };
  if (kind < 8) return { type: 'ip', value: addressOf(number) };
  if (kind < 14) return { type: 'domain', value: `c${number}.${wordOf(number % 997)}.com` };
  if (kind < 18) return { type: 'url', value: `http://h${number}.${wordOf(number % 499)}.net/${wordOf(number)}/a.exe` };
  return { type: 'sha256', value: createHash('sha256').update(String(number)).digest('hex') };
}

function addressOf(number: number): string {
  return `${64 + ((number >> 24) & 63)}.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
}

/** Of ten lengths, in a part of the addresses that has no single ones. */
function rangeOf(number: number): string {
  const length = 20 + (number % 5);
  return `${130 + ((number >> 12) & 31)}.${(number >> 4) & 255}.${(number & 15) << 4}.0/${length}`;
}

function wordOf(number: number): string {
  return `w${number.toString(36)}`;
}

/** As a feed would have it, written as it is read. */
export async function* fileOf(from: number, count: number): AsyncGenerator<Buffer> {
  let text = HEADER;
  for (let number = from; number < from + count; number += 1) {
    const { type, value } = entryOf(number);
    text += `${value},${type},${50 + (number % 50)},2026-11-20T10:00:00Z,${wordOf(number % 50)}\n`;
    if (text.length < PIECE) continue;
    yield await Promise.resolve(Buffer.from(text));
    text = '';
  }
  yield Buffer.from(text);
}
