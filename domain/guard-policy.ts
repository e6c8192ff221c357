/** Which lists spare a lookup. */
export interface GuardPolicy {
  /** Names of lists or of their groups: what they hold is not asked about outside. */
  spare: readonly string[];
}

/** Every sandbox reports the empty file, and no service can say more of it. */
export const DEFAULT_GUARD_POLICY: GuardPolicy = { spare: ['empty-hashes'] };
