import { EMPTY_FILE_HASHES } from '../hashes';
import { refused, type Judged } from './value-hosts';

/** Digits that say the same so often are nobody's file: `0000…`, `deadbeefdeadbeef…`, `0123456789abcdef…`. */
const PLACEHOLDER = /^([0-9a-f]{1,16})\1+$|^(?:0?123456789)/;

/** @param digits as many hexadecimal digits as the type has */
export function judgeHash(type: 'md5' | 'sha1' | 'sha256', digits: string): Judged {
  const value = digits.toLowerCase();
  if (EMPTY_FILE_HASHES.includes(value)) {
    return refused(`Is the ${SHOWN[type]} of an empty file, which says nothing of any other`);
  }
  return PLACEHOLDER.test(value) ? refused('Is a placeholder, not the hash of a file') : { value, flags: [] };
}

const SHOWN = { md5: 'MD5', sha1: 'SHA-1', sha256: 'SHA-256' } as const;
