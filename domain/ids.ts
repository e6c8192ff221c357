/** Crockford's base 32: no I, L, O or U, so that an id can be read out on the telephone. */
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 10;

/** Gives `bytes` random bytes; `crypto.randomBytes` outside tests. */
export type RandomBytes = (bytes: number) => Uint8Array;

function newId(prefix: string, random: RandomBytes): string {
  // 256 is a multiple of 32, so the lowest five bits of each byte are evenly spread.
  const letters = Array.from(random(LENGTH), (byte) => CROCKFORD.charAt(byte & 31));
  return `${prefix}-${letters.join('')}`;
}

/** `INC-` and 50 random bits; the caller handles a collision by drawing again. */
export function newIncidentId(random: RandomBytes): string {
  return newId('INC', random);
}

/** `RSC-` and 50 random bits; the caller handles a collision by drawing again. */
export function newRescoreId(random: RandomBytes): string {
  return newId('RSC', random);
}

/** `SUP-` and 50 random bits; the caller handles a collision by drawing again. */
export function newSuppressionId(random: RandomBytes): string {
  return newId('SUP', random);
}

/** `IMP-` and 50 random bits; the caller handles a collision by drawing again. */
export function newImportId(random: RandomBytes): string {
  return newId('IMP', random);
}

/** `ALT-` and 50 random bits; the caller handles a collision by drawing again. */
export function newAlertId(random: RandomBytes): string {
  return newId('ALT', random);
}
