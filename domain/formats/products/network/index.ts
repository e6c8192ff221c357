import type { Format } from '../../format';
import { checkpoint } from './checkpoint';
import { cisco } from './cisco';
import { fortigate } from './fortigate';
import { fortigateCef } from './fortigate-cef';
import { iptables } from './iptables';
import { juniperSrx } from './juniper';
import { modsecurity } from './modsecurity';
import { panos } from './panos';
import { panosCef } from './panos-cef';
import { pfFilterLog } from './pf';
import { snort, suricata, suricataFast } from './suricata';
import { unifi } from './unifi';
import { zeek } from './zeek';

/** Firewalls, and what watches the network. */
export const NETWORK: readonly Format[] = [
  ...[
    suricata,
    suricataFast,
    snort,
    zeek,
    fortigate,
    fortigateCef,
    panos,
    panosCef,
    juniperSrx,
    cisco,
    checkpoint,
    unifi,
    pfFilterLog,
    iptables,
    modsecurity,
  ],
];
