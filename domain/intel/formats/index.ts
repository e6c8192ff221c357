import type { IntelFormat } from '../format';

/** Every format that is understood; the first of those that are equally sure of a file reads it. */
export const INTEL_FORMATS: readonly IntelFormat[] = [];
