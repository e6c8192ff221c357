import type { Document } from '../document';
import type { FieldMap } from '../map-fields';
import { readIp } from '../coerce';
import type { Found } from '../paths';
import { byWords, candidates, hostOf, matched, turned, when, type Reading } from '../readings';
import { COMPUTER_NAME, EVENT_TIME, kindOf, MESSAGE_START, named, textOf } from './event';
import { KINDS } from './kinds';
import { failedByCode } from './defender';
import * as at from './readings';
import { PROCESS_STARTED, signsOf } from './signs';

const ofKind =
  (...kinds: string[]) =>
  (document: Document): boolean =>
    kinds.includes(kindOf(document));

/** What one value gives, made of the document as a whole. */
const made =
  (make: (document: Document) => unknown): Reading =>
  (document) => {
    const value = make(document);
    return value === undefined ? [] : [{ value, pointer: '' }];
  };

/** `CORP\jdoe` is the account that other events of the same log call `jdoe`. */
const bare = (...readings: Reading[]): Reading =>
  turned(readings, (value) =>
    typeof value === 'string' && !/^S-1-\d/i.test(value) ? value.slice(value.lastIndexOf('\\') + 1) : undefined,
  );

const isMachine = (name: unknown): boolean => typeof name === 'string' && name.endsWith('$');

const TARGET_USER = bare(named('TargetUserName', 'TargetUser', 'TgtUser', 'TargetOutboundUserName'));
const SUBJECT_USER = bare(named('SubjectUserName', 'SubjectUser', 'SrcUser'));
const PERSON_BEFORE_MACHINE: Reading = (document) => {
  const found = candidates([SUBJECT_USER, TARGET_USER], document).filter(({ value }) => value !== '-' && value !== '');
  return [...found.filter(({ value }) => !isMachine(value)), ...found.filter(({ value }) => isMachine(value))];
};

/** Events about an account that proved, or failed to prove, who it is. */
const isLogon = ofKind(
  ...['4624', '4625', '4634', '4647', '4740', '4768', '4769', '4770', '4771', '4776', '4777'].map(
    (id) => `security/${id}`,
  ),
);
/** In these the subject did something to another account. */
const isAboutAccount = ofKind(
  ...['4648', '4720', '4722', '4723', '4724', '4725', '4726', '4738', '4767', '4781'].map((id) => `security/${id}`),
);
const isProcessStart = ofKind(...PROCESS_STARTED);
const isDefender = (document: Document): boolean => kindOf(document).startsWith('defender/');

const firstLabel = (host: string): string => (/^[\d.:]+$/.test(host) ? host : (host.split('.')[0] ?? '')).toLowerCase();

/** Not the name by which the host calls itself. */
const ofAnother =
  (...readings: Reading[]): Reading =>
  (document) => {
    const own = firstLabel(textOf(COMPUTER_NAME, document));
    return candidates(readings, document).filter(
      ({ value }) => typeof value === 'string' && !['localhost', own].includes(firstLabel(value.replace(/^\\+/, ''))),
    );
  };

/** Hosts that a command line or script says it works on. */
const REMOTE_HOST = new RegExp(
  [
    String.raw`/node:["']?([\w.:-]{1,255})`,
    String.raw`-(?:computername|hostname)\s+["']?([\w.:-]{1,255})`,
    String.raw`(?:^|[\s"'=])\\{2,4}([\w.-]{1,255})\\`,
    String.raw`(?:^|[\s"'=])\\{2}([\w.-]{1,255})\s`,
    String.raw`\s/server:["']?([\w.:-]{1,255})`,
    String.raw`\b(?:schtasks|tasklist|taskkill|systeminfo)(?:\.exe)?"?\s[^|]{0,80}/s\s+["']?([\w.:-]{1,255})`,
    String.raw`\b(?:nxc|netexec|crackmapexec|cme)(?:\.exe)?"?\s+(?:smb|winrm|wmi|mssql|rdp|ssh|ldap|ftp|vnc|nfs)\s+["']?([\w.:-]{1,255})`,
    String.raw`\bmstsc(?:\.exe)?"?\s[^|]{0,40}/v:["']?([\w.:-]{1,255})`,
  ].join('|'),
  'i',
);
const THIS_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\.|\?)$/i;

const remoteHost: Reading = turned([at.COMMAND, when((document) => !isProcessStart(document), at.SCRIPT)], (value) => {
  if (typeof value !== 'string') return undefined;
  const host = REMOTE_HOST.exec(value.slice(0, 20_000))
    ?.slice(1)
    .find((group) => group !== undefined);
  return host === undefined || THIS_HOST.test(host) ? undefined : host;
});

/** What a downloading tool was told to fetch; links that scripts merely mention are no part of it. */
const fetched: Reading = when(
  (document) => signsOf(document).some(({ is }) => is === 'download by a system tool'),
  matched([at.COMMAND, at.SCRIPT], /https?:\/\/[^\s"'`<>|,;)\\]{4,2000}/i),
);

function outcomeOf(document: Document): string | undefined {
  const kind = kindOf(document);
  if (kind === 'security/4624') return 'success';
  if (kind === 'security/4625' || kind === 'security/4771') return 'failure';
  if (/^security\/(?:4768|4769|4776)$/.test(kind)) {
    const status = textOf(named('Status', 'ErrorCode'), document);
    return status === '' ? undefined : /^(?:0x)?0+$/i.test(status) ? 'success' : 'failure';
  }
  if (kind === 'applocker/exe and dll/8004') return 'blocked';
  if (/^defender\/(?:1008|1118|1119)$/.test(kind)) return 'allowed';
  if (kind !== 'defender/1007' && kind !== 'defender/1117') return undefined;
  return failedByCode(textOf(named('Error Code', 'ErrorCode'), document)) ? 'allowed' : 'blocked';
}

const notZero = (reading: Reading): Reading => turned(reading, (value) => (Number(value) > 0 ? value : undefined));

/** Sysmon's configurations may write a technique into the rule name: that of the filter, not of what was done. */
const FILTERS_TECHNIQUE: Reading = when((document) => signsOf(document).length === 0, named('RuleName'));

/** `file:_C:\Users\…; process:_pid:…`, as Defender lists what it found. */
const defenderPath = when(
  isDefender,
  turned(named('Path'), (value) =>
    typeof value === 'string'
      ? (/(?:^|; )(?:container)?file:_([^;]{1,1000})/i.exec(value)?.[1] ?? value.split(';')[0])
      : undefined,
  ),
);

const defenderSeverity = when(isDefender, byWords(named('Severity Name', 'SeverityName')));

/** What the event is called: by the worst that it shows, else by its kind. */
export const windowsTitle: Reading = [
  when(isDefender, (document: Document): Found[] => {
    const threat = textOf(named('Threat Name', 'ThreatName'), document);
    return threat === '' ? [] : [{ value: `Windows Defender: ${threat}`, pointer: '' }];
  }),
  made((document) => {
    const kind = KINDS[kindOf(document)];
    const sign = signsOf(document)[0];
    return [kind?.title, sign?.is].filter((part) => part !== undefined).join(': ') || undefined;
  }),
  MESSAGE_START,
];

export const windowsSeverity: Reading = [
  defenderSeverity,
  made((document) => signsOf(document)[0]?.severity),
  made((document) => KINDS[kindOf(document)]?.severity),
];

export const windowsClasses: Reading = [
  (document: Document): Found[] => signsOf(document).map(({ is }) => ({ value: is, pointer: '' })),
  made(kindOf),
  made((document) => {
    const outcome = outcomeOf(document);
    return outcome && `${kindOf(document)}/${outcome}`;
  }),
];

/** The canonical fields of any event of the Windows event log, whatever carried it. */
export const WINDOWS_FIELDS: FieldMap = {
  timestamp: [EVENT_TIME, '@timestamp'],
  title: windowsTitle,
  description: MESSAGE_START,
  severity: windowsSeverity,
  hostname: [COMPUTER_NAME, 'host.name', 'host.hostname'],
  src_ip: at.SOURCE_IP,
  src_port: notZero(named('IpPort', 'SourcePort', 'ClientPort', 'SrcPort')),
  src_hostname: ofAnother(
    when(ofKind('security/4740'), named('TargetDomainName')),
    named('WorkstationName', 'Workstation', 'SourceHostname', 'ClientName', 'SrcComp'),
  ),
  dest_ip: [at.DESTINATION_IP, turned(remoteHost, (host) => readIp(host))],
  dest_port: at.DESTINATION_PORT,
  dest_hostname: ofAnother(
    named('DestinationHostname', 'TgtHost'),
    when(ofKind('security/4648'), named('TargetServerName')),
    turned(remoteHost, (host) => (readIp(host) === undefined ? host : undefined)),
  ),
  username: [
    when(isLogon, TARGET_USER),
    when((document) => !isLogon(document), PERSON_BEFORE_MACHINE, bare(named('User', 'Detection User', 'UserName'))),
    when(({ fields }) => 'winlog' in fields, 'user.name'),
  ],
  dest_username: when(isAboutAccount, TARGET_USER),
  domain: [when(ofKind('sysmon/22'), named('QueryName', 'Query'), 'dns.question.name'), hostOf(fetched)],
  url: fetched,
  file_hashes: [
    named('Hashes', 'Hash'),
    when(
      ({ fields }) => 'winlog' in fields,
      'process.hash.sha256',
      'process.hash.sha1',
      'process.hash.md5',
      'file.hash.sha256',
    ),
  ],
  file_name: [at.TARGET_FILE, at.LOADED, at.SERVICE_FILE, defenderPath, named('FullFilePath')],
  process: at.IMAGE,
  parent_process: at.PARENT,
  command_line: [at.COMMAND, at.SCRIPT],
  executed: made((document) => (isProcessStart(document) ? true : undefined)),
  outcome: made(outcomeOf),
  mitre: FILTERS_TECHNIQUE,
  event_class: windowsClasses,
};
