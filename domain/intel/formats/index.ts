import type { IntelFormat } from '../format';
import { abuseChJson } from './abuse-ch-json';
import { misp } from './misp';
import { noIndicators } from './no-indicators';
import { otx } from './otx';
import { recordedFuture } from './recorded-future';
import { stix } from './stix';

/** Every format that is understood; the first of those that are equally sure of a file reads it. */
export const INTEL_FORMATS: readonly IntelFormat[] = [...noIndicators, stix, misp, otx, recordedFuture, ...abuseChJson];
