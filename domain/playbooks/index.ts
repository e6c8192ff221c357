import type { AlertType } from '../alert';
import type { Playbook } from '../playbook';
import { bruteForce } from './brute-force';
import { dataExfil } from './data-exfil';
import { lateralMovement } from './lateral-movement';
import { malware } from './malware';
import { phishing } from './phishing';
import { suspiciousIp } from './suspicious-ip';

export const PLAYBOOKS: Readonly<Record<AlertType, Playbook>> = {
  brute_force: bruteForce,
  malware,
  phishing,
  suspicious_ip: suspiciousIp,
  lateral_movement: lateralMovement,
  data_exfil: dataExfil,
};

/** @throws Error for a type without a playbook, such as `unclassified`. */
export function playbookFor(type: string): Playbook {
  const playbook = Object.values(PLAYBOOKS).find((known) => known.type === type);
  if (!playbook) throw new Error(`No playbook for ${type}`);
  return playbook;
}
