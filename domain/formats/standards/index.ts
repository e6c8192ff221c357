import type { Format } from '../format';
import { cef } from './cef';
import { leef } from './leef';

/** Formats that many products write, the most particular first. */
export const STANDARDS: readonly Format[] = [cef, leef];
