import type { Tlp } from '../alert';
import type { ObservableType } from '../observable';

/** What the IOC database has entries of. A range of addresses is an `ip`. */
export const IOC_TYPES = ['ip', 'domain', 'url', 'md5', 'sha1', 'sha256', 'email'] as const satisfies ObservableType[];
export type IocType = (typeof IOC_TYPES)[number];

/** What somebody says of one value; what is absent, the source's own settings say. */
export interface Indicator {
  type: IocType;
  /** In the one spelling that values have inside. */
  value: string;
  /** 0–100. */
  confidence?: number;
  /** RFC 3339, like all times here. */
  first_seen?: string;
  last_seen?: string;
  expires_at?: string;
  tlp?: Tlp;
  tags?: readonly string[];
  /** Where one can read more. */
  reference?: string;
  /** When the source has put it into these words, where it dates its words: what it took back since stays taken back. */
  said_at?: string;
  /** The source takes back what it said of the value. */
  revoked?: true;
}

/**
 * What a reader has found at a line. `indicator`: one to keep, `flags` say what is special about it. `refused`: meant as an
 * indicator, but not one that may be kept. `unsupported`: nothing that can be looked up, which is no fault of the file.
 */
export type Finding = { line: number } & (
  | { kind: 'indicator'; indicator: Indicator; flags: readonly IocFlag[] }
  | { kind: 'refused' | 'unsupported'; text: string; reason: string }
);

/** Why a value is kept, but never told to a firewall: it means something else in every network, or is somebody's test. */
export const IOC_FLAGS = ['private', 'reserved', 'internal_name'] as const;
export type IocFlag = (typeof IOC_FLAGS)[number];
