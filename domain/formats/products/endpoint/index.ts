import type { Format } from '../../format';
import { kasperskyCef, kasperskyLeef, malwarebytesCef } from './antivirus';
import { bitdefender, bitdefenderCef } from './bitdefender';
import { canary, extrahop, openCanary } from './canary';
import { carbonblack, carbonblackAudit, carbonblackCef, carbonblackEdr, carbonblackLeef } from './carbonblack';
import { clamav } from './clamav';
import { crowdstrike, crowdstrikeCef, crowdstrikeLeef } from './crowdstrike';
import { cylance } from './cylance';
import { darktrace, darktraceCef } from './darktrace';
import { eset, esetCef, esetLeef } from './eset';
import { falco, sysdig } from './falco';
import { fireeye, fireeyeCef } from './fireeye';
import { mcafeeCef, mcafeeEpo } from './mcafee';
import { osquery } from './osquery';
import { sentinelone, sentineloneCef } from './sentinelone';
import { sophosCentral, sophosCentralCef, sophosUtm, sophosXg } from './sophos';
import { symantec, symantecCef } from './symantec';
import { deepSecurityCef, trendmicro, trendmicroCef, trendmicroLeef, visionOne } from './trendmicro';
import { vectra, vectraCef } from './vectra';

/** Of hosts: what watches them, and what watches the traffic between them by behaviour. */
export const ENDPOINT: readonly Format[] = [
  ...[crowdstrike, crowdstrikeCef, crowdstrikeLeef, sentinelone, sentineloneCef],
  ...[carbonblack, carbonblackAudit, carbonblackEdr, carbonblackCef, carbonblackLeef],
  ...[sophosXg, sophosUtm, sophosCentral, sophosCentralCef],
  ...[trendmicro, deepSecurityCef, trendmicroCef, trendmicroLeef, visionOne],
  ...[bitdefender, bitdefenderCef, fireeye, fireeyeCef, mcafeeEpo, mcafeeCef, symantec, symantecCef],
  ...[eset, esetCef, esetLeef, kasperskyCef, kasperskyLeef, malwarebytesCef, clamav, cylance],
  ...[vectra, vectraCef, darktrace, darktraceCef, extrahop, falco, sysdig, canary, openCanary, osquery],
];
