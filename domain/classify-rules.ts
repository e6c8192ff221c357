import type { Alert, AlertType } from './alert';

interface RuleBase {
  type: AlertType;
  /** What the rule says of an alert it applies to; what it found is added. */
  reason: string;
  /** 0–1: how often the rule alone is right. Rules of one type add up as independent evidence. */
  confidence: number;
}

export type ClassificationRule = RuleBase &
  (
    | { techniques: readonly string[] }
    | { words: RegExp; where: 'rule' | 'title' | 'tags' | 'text' }
    | { fields: (alert: Alert) => boolean }
  );

const TECHNIQUES: Record<AlertType, readonly string[]> = {
  brute_force: ['T1110'],
  malware: ['T1204', 'T1486', 'T1055', 'T1027', 'T1059', 'T1105', 'T1218', 'T1003', 'T1547', 'T1496'],
  phishing: ['T1566', 'T1598', 'T1534', 'T1656'],
  suspicious_ip: ['T1071', 'T1090', 'T1095', 'T1571', 'T1572', 'T1573', 'T1595', 'T1046', 'T1190', 'T1568', 'T1219'],
  lateral_movement: ['T1021', 'T1570', 'T1550', 'T1563', 'T1210', 'T1072', 'T1080'],
  data_exfil: ['T1041', 'T1048', 'T1567', 'T1020', 'T1537', 'T1052', 'T1030', 'T1029', 'T1011', 'T1560'],
};

/** Literal words with bounded gaps only: alerts are written by strangers. */
const WORDS: Record<AlertType, RegExp> = {
  brute_force:
    /brute.?force|password.?spray|credential.?stuffing|(?:multiple|many|repeated|excessive|too many) (?:failed|authentication|login|logon|invalid)|failed (?:password|login|logon)|login failure|authentication fail|account.?lock(?:ed|out)|sshd?.{0,12}(?:bruteforce|guess)/i,
  malware:
    /malware|ransom|trojan|virus|worm\b|backdoor|rootkit|infostealer|stealer|spyware|cryptominer|coin.?miner|malicious (?:file|process|program|powershell|script)|eicar|cobalt.?strike|mimikatz|quarantin/i,
  phishing:
    /phish|spoofed (?:mail|email|sender)|business email compromise|\bBEC\b|malicious (?:e-?mail|link|url)|credential.?harvest|suspicious e-?mail/i,
  suspicious_ip:
    /suspicious (?:ip|address|connection|traffic|outbound|inbound)|malicious (?:ip|host|traffic|connection)|threat.?intel|blacklist|blocklist|command.and.control|\bC2\b|\bC&C\b|beacon|port.?scan|network.?scan|\btor\b.{0,12}(?:node|exit|relay)|dshield|botnet|exploit attempt/i,
  lateral_movement:
    /lateral.?move|pass.?the.?(?:hash|ticket)|psexec|psexesvc|wmiexec|smbexec|remote (?:service|execution|exec\b|task)|admin(?:istrative)? share|golden.?ticket|overpass/i,
  data_exfil:
    /exfil|data (?:loss|leak|theft|transfer)|\bDLP\b|large (?:upload|transfer|outbound)|unusual (?:upload|data|outbound volume)|dns.?tunnel|mass.?download/i,
};

const PLACES = [
  { where: 'rule', confidence: 0.8, reason: 'its rule name says' },
  { where: 'title', confidence: 0.8, reason: 'its title says' },
  { where: 'tags', confidence: 0.65, reason: 'it is tagged' },
  { where: 'text', confidence: 0.55, reason: 'its description says' },
] as const;

const REMOTE_EXEC = /\b(?:psexec|paexec|psexesvc|wmiexec|smbexec|atexec|winrs|wsmprovhost)/i;
const MANY_BYTES = 50_000_000;

const FIELD_RULES: readonly ClassificationRule[] = [
  {
    type: 'brute_force',
    confidence: 0.7,
    reason: 'it counts failed attempts',
    fields: ({ failed_attempts = 0 }) => failed_attempts >= 3,
  },
  {
    type: 'phishing',
    confidence: 0.6,
    reason: 'it is about a mail from somebody',
    fields: ({ email_from }) => email_from !== undefined,
  },
  {
    type: 'malware',
    confidence: 0.55,
    reason: 'it names the hash of a file, and no mail',
    fields: ({ file_hash, email_from }) => file_hash !== undefined && email_from === undefined,
  },
  {
    type: 'lateral_movement',
    confidence: 0.6,
    reason: 'a tool for running programs on other hosts was used',
    fields: ({ process = '', command_line = '' }) =>
      REMOTE_EXEC.test(process) || REMOTE_EXEC.test(command_line.slice(0, 10_000)),
  },
  {
    type: 'data_exfil',
    confidence: 0.6,
    reason: 'it counts many bytes sent out',
    fields: ({ bytes_out = 0 }) => bytes_out >= MANY_BYTES,
  },
];

function rulesOf(type: AlertType): ClassificationRule[] {
  return [
    { type, confidence: 0.85, reason: 'its MITRE technique says', techniques: TECHNIQUES[type] },
    ...PLACES.map((place) => ({ type, words: WORDS[type], ...place })),
  ];
}

/** The table by which alerts without a type are classified. */
export const CLASSIFICATION_RULES: readonly ClassificationRule[] = [
  ...(Object.keys(WORDS) as AlertType[]).flatMap(rulesOf),
  ...FIELD_RULES,
];
