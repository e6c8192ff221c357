import type { Format } from '../format';
import { suricata } from './suricata';

/** Formats of single products, the most particular first where two could take the same document. */
export const PRODUCTS: readonly Format[] = [suricata];
