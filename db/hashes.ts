import { createHash } from 'node:crypto';

/** A text as it comes back from the database: what has no UTF-8, a lone surrogate, is replaced. */
export function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

export function sha256(...parts: (string | Buffer)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Of several texts, so that no two lists of texts have the same one. */
export function sha256Of(parts: readonly string[]): Buffer {
  return sha256(JSON.stringify(parts));
}

/** What an IOC, an observable and an enrichment of the same thing have in common: `type:value`. */
export function observableHash(observable: { type: string; value: string }): Buffer {
  return sha256(`${observable.type}:${observable.value}`);
}

/** What a search for a bare value finds observables by. */
export function valueHash(value: string): Buffer {
  return sha256(value.toLowerCase());
}
