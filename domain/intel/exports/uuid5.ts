/** SHA-1 of bytes, 20 bytes long; given by the caller, since there is none here. */
export type Sha1 = (bytes: Uint8Array) => Uint8Array;

const encoder = new TextEncoder();

/** The UUID of a name (RFC 9562, version 5): the same for the same name in the same namespace, wherever it is made. */
export function uuid5(namespace: string, name: string, sha1: Sha1): string {
  const space = Uint8Array.from(namespace.replaceAll('-', '').match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  const text = encoder.encode(name);
  const bytes = new Uint8Array(space.length + text.length);
  bytes.set(space);
  bytes.set(text, space.length);
  const hash = sha1(bytes).slice(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
