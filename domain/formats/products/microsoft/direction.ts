import type { Document } from '../../document';
import { candidates, type Reading } from '../../readings';

/** Categories in which an address beside an alerted host is one that it was in contact with, not one that came to it. */
const REACHING_OUT =
  /^(?:command ?and ?control|execution|exfiltration|malware|ransomware|persistence|defense ?evasion|backdoor|unwanted ?software|collection)$/i;

/** True of a host's alert in a category in which the other address is the destination. */
export function reachesOut(category: Reading): (document: Document) => boolean {
  return (document) =>
    candidates(category, document).some(({ value }) => typeof value === 'string' && REACHING_OUT.test(value));
}
