import type { Format } from '../../format';
import { cisco } from './cisco';
import { fortigate } from './fortigate';
import { iptables } from './iptables';
import { juniperSrx } from './juniper';
import { panos } from './panos';
import { pfFilterLog } from './pf';
import { suricata, suricataFast } from './suricata';
import { unifi } from './unifi';
import { zeek } from './zeek';

/** Firewalls, and what watches the network. */
export const NETWORK: readonly Format[] = [
  ...[suricata, suricataFast, zeek, fortigate, panos, juniperSrx, cisco, unifi, pfFilterLog, iptables],
];
