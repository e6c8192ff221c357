import type { Format } from '../../format';
import { pantherAudit, wizAudit } from './audit';
import { cloudflare } from './cloudflare';
import { cloudtrail } from './cloudtrail';
import { gcp } from './gcp';
import { guardduty } from './guardduty';
import { inspector, macie } from './macie-inspector';
import { panther } from './panther';
import { scc } from './scc';
import { securityHub } from './security-hub';
import { greynoise, otx } from './threat-match';
import { upwind } from './upwind';
import { awsWaf } from './waf';
import { wiz } from './wiz';

/** Clouds, and what watches over them. */
export const CLOUDS: readonly Format[] = [
  guardduty,
  securityHub,
  macie,
  inspector,
  cloudtrail,
  awsWaf,
  scc,
  gcp,
  upwind,
  wiz,
  wizAudit,
  panther,
  pantherAudit,
  cloudflare,
  // log events of any kind, which say no more than that somebody knows a value in them
  greynoise,
  otx,
];
