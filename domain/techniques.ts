/** The MITRE ATT&CK techniques that playbooks name, by id (Enterprise, version 17). */
const NAMES = {
  T1003: 'OS Credential Dumping',
  T1020: 'Automated Exfiltration',
  T1021: 'Remote Services',
  T1041: 'Exfiltration Over C2 Channel',
  T1048: 'Exfiltration Over Alternative Protocol',
  T1071: 'Application Layer Protocol',
  T1078: 'Valid Accounts',
  T1090: 'Proxy',
  T1105: 'Ingress Tool Transfer',
  T1110: 'Brute Force',
  'T1110.003': 'Password Spraying',
  T1204: 'User Execution',
  'T1204.001': 'Malicious Link',
  'T1204.002': 'Malicious File',
  T1486: 'Data Encrypted for Impact',
  T1550: 'Use Alternate Authentication Material',
  T1566: 'Phishing',
  'T1566.001': 'Spearphishing Attachment',
  'T1566.002': 'Spearphishing Link',
  'T1567.002': 'Exfiltration to Cloud Storage',
  'T1569.002': 'Service Execution',
  T1570: 'Lateral Tool Transfer',
  T1571: 'Non-Standard Port',
  'T1583.001': 'Acquire Infrastructure: Domains',
  T1595: 'Active Scanning',
  T1656: 'Impersonation',
} as const;

export type TechniqueId = keyof typeof NAMES;

/** A technique that a playbook answers. */
export interface PlaybookTechnique {
  id: TechniqueId;
  /** Own signals of which one must be there; absent = it belongs to every incident of the type. */
  when?: readonly string[];
}

/** `T1110.003 Password Spraying`; the bare id where it is none of those named here. */
export function techniqueName(id: string): string {
  return id in NAMES ? `${id} ${NAMES[id as TechniqueId]}` : id;
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
