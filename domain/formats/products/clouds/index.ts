import type { Format } from '../../format';
import { cloudtrail } from './cloudtrail';
import { gcp } from './gcp';
import { guardduty } from './guardduty';
import { scc } from './scc';
import { securityHub } from './security-hub';
import { greynoise, otx } from './threat-match';
import { upwind } from './upwind';

/** Clouds, and what watches over them. */
export const CLOUDS: readonly Format[] = [guardduty, securityHub, cloudtrail, scc, gcp, upwind, greynoise, otx];
