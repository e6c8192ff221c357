/** Which lists spare a lookup. */
export interface GuardPolicy {
  /** Names of lists or of their groups: what they hold is not asked about outside. */
  spare: readonly string[];
  /**
   * A signal of so many weighted points on what a list calls harmless contradicts it: the cap stays, but nothing that a
   * list or a source says is evidence of clean any more. What our own database says contradicts it from the suspicious threshold on.
   */
  contradicted_from: number;
}

/** Every sandbox reports the empty file, and no service can say more of it. */
export const DEFAULT_GUARD_POLICY: GuardPolicy = { spare: ['empty-hashes'], contradicted_from: 60 };
