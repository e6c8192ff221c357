/** Bytes of a text as UTF-8, whatever they were written in, without a byte order mark. */
export interface TextDecoding {
  push(chunk: Buffer): Buffer;
  end(): Buffer;
}

/** UTF-16 is told by its byte order mark, as spreadsheets write it; all else is UTF-8. */
export function openText(head: Buffer): TextDecoding {
  if (head[0] === 0xff && head[1] === 0xfe) return decoded('utf-16le');
  if (head[0] === 0xfe && head[1] === 0xff) return decoded('utf-16be');
  let first = true;
  return {
    push(chunk) {
      const marked = first && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf;
      first = false;
      return marked ? chunk.subarray(3) : chunk;
    },
    end: () => Buffer.alloc(0),
  };
}

function decoded(encoding: string): TextDecoding {
  const decoder = new TextDecoder(encoding);
  return {
    push: (chunk) => Buffer.from(decoder.decode(chunk, { stream: true })),
    end: () => Buffer.from(decoder.decode()),
  };
}

/** Kinds of files that people mistake for a list, by how they begin. */
const BINARIES: readonly (readonly [string, string])[] = [
  ['\u001f\ufffd', 'a gzip file'],
  ['PK\u0003\u0004', 'a ZIP archive or an Office document'],
  ['%PDF-', 'a PDF document'],
  ['\ufffdPNG', 'a picture'],
  ['MZ', 'a program'],
  ['\u007fELF', 'a program'],
];

/** Instead of a list, servers send pages that say why there is none; their links lead to anybody. */
const MARKUP: readonly (readonly [RegExp, string])[] = [
  [/^\s*(?:<!--.{0,1000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b/is, 'Is a web page, not a list of indicators'],
  [/^\s*<(?:\?xml\b|[\w-]+:\w+\s+xmlns|\w+\s+xmlns)/i, 'Is XML, which is not read: export it as STIX 2.1, MISP or CSV'],
];

/** Why a file is not read at all, by its beginning; undefined for a text. */
export function whatBinary(head: string): string | undefined {
  const kind = BINARIES.find(([begin]) => head.startsWith(begin))?.[1];
  // two letters may also begin a text
  if (kind !== undefined && (kind !== 'a program' || head.includes('\0'))) return `Is ${kind}, not a text`;
  if (head.includes('\0')) return 'Is a binary file, not a text';
  return MARKUP.find(([begin]) => begin.test(head))?.[1];
}
