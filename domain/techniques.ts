/** Names of MITRE ATT&CK techniques, by id (Enterprise, version 17): those of the playbooks, and what alerts often name. */
const NAMES = {
  T1003: 'OS Credential Dumping',
  'T1003.001': 'LSASS Memory',
  'T1003.003': 'NTDS',
  T1020: 'Automated Exfiltration',
  T1021: 'Remote Services',
  'T1021.001': 'Remote Desktop Protocol',
  'T1021.002': 'SMB/Windows Admin Shares',
  'T1021.004': 'SSH',
  'T1021.006': 'Windows Remote Management',
  T1027: 'Obfuscated Files or Information',
  T1041: 'Exfiltration Over C2 Channel',
  T1046: 'Network Service Discovery',
  T1047: 'Windows Management Instrumentation',
  T1048: 'Exfiltration Over Alternative Protocol',
  T1053: 'Scheduled Task/Job',
  T1055: 'Process Injection',
  T1059: 'Command and Scripting Interpreter',
  'T1059.001': 'PowerShell',
  T1071: 'Application Layer Protocol',
  'T1071.001': 'Web Protocols',
  'T1071.004': 'DNS',
  T1078: 'Valid Accounts',
  T1090: 'Proxy',
  T1105: 'Ingress Tool Transfer',
  T1110: 'Brute Force',
  'T1110.001': 'Password Guessing',
  'T1110.003': 'Password Spraying',
  'T1110.004': 'Credential Stuffing',
  T1190: 'Exploit Public-Facing Application',
  T1204: 'User Execution',
  'T1204.001': 'Malicious Link',
  'T1204.002': 'Malicious File',
  T1486: 'Data Encrypted for Impact',
  T1534: 'Internal Spearphishing',
  T1550: 'Use Alternate Authentication Material',
  'T1550.002': 'Pass the Hash',
  T1566: 'Phishing',
  'T1566.001': 'Spearphishing Attachment',
  'T1566.002': 'Spearphishing Link',
  T1567: 'Exfiltration Over Web Service',
  'T1567.002': 'Exfiltration to Cloud Storage',
  'T1569.002': 'Service Execution',
  T1570: 'Lateral Tool Transfer',
  T1571: 'Non-Standard Port',
  T1573: 'Encrypted Channel',
  'T1583.001': 'Acquire Infrastructure: Domains',
  T1595: 'Active Scanning',
  T1656: 'Impersonation',
} as const;

type TechniqueName = keyof typeof NAMES;
/** One without a name here is shown by its bare id. */
export type TechniqueId = TechniqueName | `T${number}`;

/** A technique that a playbook answers. */
export interface PlaybookTechnique {
  id: TechniqueId;
  /** Own signals of which one must be there; absent = it belongs to every incident of the type. */
  when?: readonly string[];
}

/** `T1110.003 Password Spraying`; the bare id where it is none of those named here. */
export function techniqueName(id: string): string {
  return Object.hasOwn(NAMES, id) ? `${id} ${NAMES[id as TechniqueName]}` : id;
}

/** What the alerts themselves name, then what the playbook finds; each once, by id. */
export function techniquesOf(
  alerted: readonly string[],
  answered: readonly PlaybookTechnique[],
  signals: readonly { name: string }[],
): string[] {
  const found = answered.filter(({ when }) => when === undefined || signals.some(({ name }) => when.includes(name)));
  return [...new Set([...alerted, ...found.map(({ id }) => id)])];
}
