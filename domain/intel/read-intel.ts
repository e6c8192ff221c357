import type { Piece } from '../split-bytes';
import { cutterFor, type Cutter } from './cut-parts';
import type { Finding, IntelFormat, PartReader, ReadOptions } from './format';
import { INTEL_FORMATS } from './formats/index';
import { valueAtHead } from './json-head';
import { openText, whatBinary, type TextDecoding } from './text-bytes';
import { problem } from './told';

export { INTEL_FORMATS };

/** Thrown when nobody knows a format of that name. */
export class UnknownFormatError extends Error {
  constructor(readonly format: string) {
    super(`No format is called "${format}". Known are: ${INTEL_FORMATS.map(({ name }) => name).join(', ')}.`);
    this.name = 'UnknownFormatError';
  }
}

/** What is not said is found out from the bytes. */
export interface IntelOptions extends ReadOptions {
  /** Name of a format; default: the one that recognises the file. */
  format?: string;
}

/** Reads one file of threat intelligence, which comes in chunks. The same bytes give the same findings in the same order. */
export interface IntelReader {
  /** Undefined until it is known, and when there is none. */
  readonly format: IntelFormat | undefined;
  push(chunk: Buffer): Finding[];
  /** No more chunks. */
  end(): Finding[];
}

/** What a file is recognised by, in bytes: held back until then. */
const HEAD = 64 * 1024;

/** @throws UnknownFormatError */
export function openIntel(options: IntelOptions): IntelReader {
  const named = formatNamed(options);
  let format = named;
  let held: Buffer[] = [];
  let length = 0;
  let body: Body | undefined;

  function begin(): Finding[] {
    const bytes = Buffer.concat(held);
    held = [];
    const started = start(bytes.subarray(0, HEAD), named, options);
    ({ format, body } = started);
    return [...started.findings, ...body.push(bytes)];
  }

  return {
    get format() {
      return format;
    },
    push(chunk) {
      if (body) return body.push(chunk);
      held.push(chunk);
      length += chunk.length;
      return length < HEAD ? [] : begin();
    },
    end() {
      const findings = body ? [] : begin();
      return [...findings, ...(body?.end() ?? [])];
    },
  };
}

/** Columns are what only tables have. */
function formatNamed({ format, columns }: IntelOptions): IntelFormat | undefined {
  const name = format ?? (columns && Object.keys(columns).length > 0 ? 'csv' : undefined);
  if (name === undefined) return undefined;
  const known = INTEL_FORMATS.find((each) => each.name === name);
  if (!known) throw new UnknownFormatError(name);
  return known;
}

/** Taken for a text, JSON that is broken would give all the links and names it holds. */
const BEGINS_LIKE_JSON = /^\s*(?:\{\s*"|\[\s*[[{"])/;

/** The surest; of equally sure ones the first. */
function recognised(head: string): IntelFormat | undefined {
  const value = valueAtHead(head);
  let best: { format: IntelFormat; sure: number } | undefined;
  const isBroken = value === undefined && BEGINS_LIKE_JSON.test(head);
  for (const format of INTEL_FORMATS.filter(({ cut }) => cut === 'json' || !isBroken)) {
    const sure = format.recognises(head, value);
    if (sure > (best?.sure ?? 0)) best = { format, sure };
  }
  return best?.format;
}

/** What becomes of the bytes once the format is known. */
interface Body {
  push(bytes: Buffer): Finding[];
  end(): Finding[];
}

interface Started {
  format: IntelFormat | undefined;
  body: Body;
  findings: Finding[];
}

const NOTHING: Body = { push: () => [], end: () => [] };

function start(head: Buffer, named: IntelFormat | undefined, options: ReadOptions): Started {
  const whole = (reason: string, kind: 'refused' | 'unsupported' = 'refused'): Started => ({
    format: named,
    body: NOTHING,
    findings: [problem(1, kind, head.toString('utf8', 0, 200), reason)],
  });
  const decoding = openText(head);
  const text = openText(head).push(head).toString();
  if (text.trim() === '') return whole('Is an empty file');
  const binary = whatBinary(text);
  if (binary !== undefined) return whole(binary);
  const format = named ?? recognised(text);
  if (format === undefined) return whole('Is written in no format that is known here');
  return { format, body: reading(decoding, cutterFor(format, text), format.open(options)), findings: [] };
}

function reading(decoding: TextDecoding, cutter: Cutter, reader: PartReader): Body {
  let last = 1;

  function read(piece: Piece): Finding[] {
    const { line, bytes, tooLong, path = [] } = piece;
    last = piece.endLine;
    if (tooLong) return [problem(line, 'refused', '', cutter.tooLong)];
    const text = bytes.toString();
    if (text.includes('\0')) return [problem(line, 'refused', text, 'Holds bytes that are no text')];
    return reader.read({ text, line, path });
  }

  return {
    push: (bytes) => cutter.push(decoding.push(bytes)).flatMap(read),
    end() {
      const rest = [...cutter.push(decoding.end()), ...cutter.end()].flatMap(read);
      const cut = cutter.unfinished ? [problem(last, 'refused', '', 'The file ends in the midst of a value')] : [];
      return [...rest, ...(reader.end?.() ?? []), ...cut];
    },
  };
}
