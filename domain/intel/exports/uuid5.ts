/** SHA-1 of bytes, 20 bytes long; given by the caller, since there is none here. */
export type Sha1 = (bytes: Uint8Array) => Uint8Array;

const encoder = new TextEncoder();
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * Makes the UUIDs of names in a namespace (RFC 9562, version 5): the same for the same name, wherever it is made.
 * @param namespace a UUID
 */
export function uuid5(namespace: string, sha1: Sha1): (name: string) => string {
  const space = Uint8Array.from(namespace.replaceAll('-', '').match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  return (name) => {
    const text = encoder.encode(name);
    const bytes = new Uint8Array(space.length + text.length);
    bytes.set(space);
    bytes.set(text, space.length);
    const hash = sha1(bytes);
    let hex = '';
    for (let at = 0; at < 16; at++) hex += HEX[marked(hash[at] ?? 0, at)];
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  };
}

/** With the version in the seventh byte, and the variant in the ninth. */
function marked(byte: number, at: number): number {
  if (at === 6) return (byte & 0x0f) | 0x50;
  return at === 8 ? (byte & 0x3f) | 0x80 : byte;
}
