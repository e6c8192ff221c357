import type { Format } from '../../format';
import { chainsaw } from './chainsaw';
import { hayabusa } from './hayabusa';
import { ossec } from './ossec';
import { wazuh } from './wazuh';
import { wazuhFinding } from './wazuh-finding';

/** Agents on hosts, and hits of rules on the Windows event log. */
export const HOSTS: readonly Format[] = [wazuhFinding, wazuh, ossec, chainsaw, hayabusa];
