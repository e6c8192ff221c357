import { timeOf } from '../told';
import type { JsonRecord } from '../json-format';

/** Of the revocations in a file, so that memory stays flat; beyond them the last word in the file counts. */
const MOST_KNOWN = 10_000;

/** What a file has taken back so far, so that an older version of the same object behind it does not bring it back. */
export class Revocations {
  /** By the ids of objects, when they were revoked. */
  private readonly known = new Map<string, string>();

  constructor(private readonly now: string) {}

  note({ id, modified, revoked }: JsonRecord): void {
    const at = timeOf(modified, this.now);
    if (revoked !== true || typeof id !== 'string' || at === undefined) return;
    const before = this.known.get(id);
    if (before === undefined ? this.known.size < MOST_KNOWN : before < at) this.known.set(id, at);
  }

  /** True for a version of an object that is older than the one by which it was taken back. */
  outdates({ id, modified, revoked }: JsonRecord): boolean {
    const gone = revoked !== true && typeof id === 'string' ? this.known.get(id) : undefined;
    const at = gone === undefined ? undefined : timeOf(modified, this.now);
    return gone !== undefined && at !== undefined && at < gone;
  }
}
