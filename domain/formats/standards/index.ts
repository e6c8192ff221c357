import type { Format } from '../format';

/** Formats that many products write, the most particular first. */
export const STANDARDS: readonly Format[] = [];
