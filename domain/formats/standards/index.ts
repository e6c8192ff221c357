import type { Format } from '../format';
import { cef } from './cef';
import { ecs } from './ecs';
import { leef } from './leef';
import { ocsf } from './ocsf';

/** Formats that many products write, the most particular first. */
export const STANDARDS: readonly Format[] = [ocsf, ecs, cef, leef];
