import type { Tlp } from '../../alert';
import type { IocStanding } from '../../ioc-decay';
import type { IocType } from '../indicator';

/** An entry of the IOC database as it leaves the house: what counts of it today, and what all its sources say together. */
export interface ExportedIoc {
  type: IocType;
  value: string;
  standing: IocStanding;
  /**
   * 0–100, before age takes from it: an import reads it beside its dates, so that the entry stands there as it does here.
   */
  base_confidence: number;
  /** RFC 3339, UTC, like all times here: the earliest and the latest of its sources. */
  first_seen: string;
  last_seen: string;
  /** Null when no source says when. */
  expires_at: string | null;
  sources: readonly string[];
  /** The strictest of its sources. */
  tlp: Tlp | null;
  tags: readonly string[];
  reference: string | null;
  /** Why one should think twice before one blocks it: `private`, names of warning lists. */
  flags: readonly string[];
  /** A list names the value, or the host of the link, itself; also one that is no reason against blocking (URL shorteners). */
  listed: boolean;
}

/** One way to write entries down, piece by piece, so that a million of them needs no memory. For one document only. */
export interface IocExport {
  mediaType: string;
  /** Of a file, without a dot. */
  extension: string;
  begin(): string;
  /** Empty for an entry that the format must not hold. */
  entry(ioc: ExportedIoc): string;
  end(): string;
}
