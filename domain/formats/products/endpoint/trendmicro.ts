import { account } from '../../accounts';
import { product } from '../../format';
import { byAction } from '../../outcomes';
import { textAt } from '../../paths';
import { always, bySteps, byTable, byWords, hostOf, inList, matched, turned, when, type Reading } from '../../readings';
import { either, leef, shape } from '../../recognise';
import { CEF_FIELDS, cefOf } from '../../standards/cef';
import { LEEF_FIELDS } from '../../standards/leef';
import { type Holder, named, withoutDomain } from './helpers';

const isMalware = ({ fields }: Holder): boolean => textAt(fields, 'EventType') === 'AntiMalwareEvent';

export const trendmicro = product({
  name: 'trendmicro',
  title: 'Trend Micro Deep Security, Cloud One Workload Security (JSON)',
  reference: 'https://help.deepsecurity.trendmicro.com/20_0/on-premise/sns-event-format.html',
  recognise: shape(['EventType', 'TenantID', 'EventID'], ({ EventType }) => /(?:Event|Log)$/.test(String(EventType))),
  fields: {
    timestamp: ['LogDate', 'Time', 'CreationTime'],
    severity: [
      byWords(['SeverityString', 'AlertSeverity']),
      // it does not grade malware
      when(isMalware, always('high')),
      bySteps('Severity', { low: 0, medium: 2, high: 3, critical: 4 }),
    ],
    title: ['MalwareName', 'Title', 'Description', 'Reason', 'EventType'],
    description: ['Reason', 'Description'],
    rule_id: ['Number', 'IntegrityRuleID', 'LogInspectionRuleID'],
    rule_name: ['MalwareName', 'Reason', 'Title'],
    hostname: ['Hostname', 'HostName', 'TargetName', 'DetectOnlyHost'],
    src_ip: ['SourceIP', 'ActionByIP'],
    src_port: 'SourcePort',
    dest_ip: 'DestinationIP',
    dest_port: 'DestinationPort',
    username: account(['ActionBy', 'UserName', 'ProcessUser', 'User']),
    url: ['URL', 'BlockReason'],
    file_name: ['InfectedFilePath', 'FileName', 'Path', 'AMTarget', 'Key'],
    file_hashes: ['DetectedSHA256', 'DetectedSHA1', 'DetectedMD5', 'SHA256', 'SHA1', 'MD5'],
    process: ['ProcessName', 'Process'],
    outcome: byAction(['ScanResultString', 'ActionString', 'ActionReasonDesc']),
    event_class: ['EventType', named('virus', 'MajorVirusTypeString'), 'TitleKey'],
  },
});

/** The manager speaks of a computer by name and address: `pc-17 (192.0.2.17)`. */
const target = (pattern: RegExp): Reading =>
  matched(['target', 'TrendMicroDsTarget', 'cef.extensions.target'], pattern);

export const deepSecurityCef = product({
  name: 'trendmicro_deep_security',
  title: 'Trend Micro Deep Security, Cloud One (CEF)',
  reference: 'https://help.deepsecurity.trendmicro.com/20_0/on-premise/event-syslog-message-formats.html',
  recognise: cefOf(/^Trend ?Micro/i, /Deep Security|Cloud One|Workload Security/i),
  fields: {
    ...CEF_FIELDS,
    title: ['name', 'TrendMicroDsMalwareTarget', 'cef.name'],
    hostname: ['dvchost', target(/^([\w.-]{1,255}) \(/), target(/^([\w-]{1,63}\.[\w.-]{1,190})$/)],
    host_ip: ['dvc', target(/\(([\d.]{7,15})\)$/)],
    dest_hostname: [],
    file_hashes: ['TrendMicroDsFileSHA256', 'TrendMicroDsFileSHA1', 'TrendMicroDsFileMD5', 'fileHash'],
    outcome: byAction('act'),
    event_class: [
      'signature',
      'cef.device.event_class_id',
      'name',
      named('product', ['product', 'cef.device.product']),
      turned('TrendMicroDsMalwareTarget', () => 'malware'),
    ],
  },
});

/** Then the users are who wrote and who got it. */
const isMail = ({ fields }: Holder): boolean => /^(?:SMTP|POP3|IMAP4?)$/i.test(textAt(fields, 'app') ?? '');

export const trendmicroCef = product({
  name: 'trendmicro_cef',
  title: 'Trend Micro Apex Central, Apex One, Deep Discovery (CEF)',
  reference:
    'https://docs.trendmicro.com/en-us/documentation/article/trend-micro-apex-central-2019-online-help-cef-attack-discovery',
  recognise: cefOf(/^Trend ?Micro/i),
  fields: {
    ...CEF_FIELDS,
    title: ['VirusName', 'VLF_PolicyNameAndCategory', 'CCCA_DetectionSource', 'name'],
    hostname: turned(['TMCMLogDetectedHost', CEF_FIELDS.hostname], (value) =>
      value === 'localhost' ? undefined : value,
    ),
    username: account(when((document) => !isMail(document), 'suser', 'duser', 'suid')),
    dest_username: [],
    email_from: when(isMail, 'suser'),
    email_to: when(isMail, 'duser'),
    email_subject: 'MailSubject',
    file_hashes: ['fileHash', 'FileHash', 'File_SHA1', 'SLF_TrueFileHash'],
    domain: ['CnCHost', 'cncHost', CEF_FIELDS.domain],
    event_class: ['cat', 'signature', 'name', named('phase', 'pAttackPhase')],
  },
});

export const trendmicroLeef = product({
  name: 'trendmicro_leef',
  title: 'Trend Micro (LEEF)',
  reference: 'https://help.deepsecurity.trendmicro.com/20_0/on-premise/event-syslog-message-formats.html',
  recognise: leef(/^Trend ?Micro/i),
  fields: {
    ...LEEF_FIELDS,
    title: ['name', 'desc', 'msg', 'eventId'],
    hostname: ['dvchost', 'shost', 'identHostName'],
    host_ip: ['dvc'],
    file_name: ['filePath', 'fname'],
    event_class: ['eventId', 'cat', named('product', 'product')],
  },
});

const entity = (type: string, ...members: string[]): Reading =>
  inList('impactScope.entities', (item) => item.entityType === type, ...members);
const indicator = (type: RegExp, field = /./): Reading =>
  inList(
    'indicators',
    (item) => type.test(String(item.type)) && field.test(typeof item.field === 'string' ? item.field : 'any'),
    'value',
  );

export const visionOne = product({
  name: 'trendmicro_vision_one',
  title: 'Trend Vision One (workbench alerts, observed attack techniques, detections)',
  reference: 'https://automation.trendmicro.com/xdr/api-v3/',
  recognise: either(
    shape(['workbenchLink', 'impactScope']),
    shape(['id', 'model', 'impactScope', 'indicators']),
    shape(['detectedDateTime', 'filters', 'detail', 'source']),
    shape(['uuid', 'productCode', 'eventName']),
    shape(['uuid', 'pname', 'eventTime', 'endpointGUID']),
  ),
  fields: {
    alert_id: ['id', 'uuid'],
    timestamp: ['createdDateTime', 'detectedDateTime', 'eventTimeDT', 'eventTime', 'rt_utc', 'rt'],
    severity: [
      byWords(['severity', 'filters.riskLevel', 'filters.level'], { undefined: 'low' }),
      bySteps('cccaRiskLevel', { low: 0, medium: 2, high: 3 }),
      when(({ fields }) => textAt(fields, 'malName') !== undefined, always('high')),
    ],
    title: ['model', 'filters.name', 'malName', 'threatName', 'ruleName', 'eventSubName', 'eventName'],
    description: ['description', 'filters.description', 'threatName'],
    rule_id: ['matchedRules.id', 'filters.id', 'ruleId'],
    rule_name: ['model', 'matchedRules.name', 'filters.name', 'ruleName', 'malName'],
    hostname: withoutDomain([
      entity('host', 'entityValue.name'),
      ...['endpoint.endpointName', 'endpoint.name', 'endpointHostName', 'detail.endpointHostName', 'interestedHost'],
    ]),
    host_ip: [entity('host', 'entityValue.ips'), 'endpoint.ips', 'endpointIp', 'interestedIp'],
    src_ip: ['src', 'detail.src', 'clientIp'],
    src_port: 'spt',
    dest_ip: ['dst', 'detail.dst', indicator(/^ip$/)],
    dest_port: 'dpt',
    username: account([
      withoutDomain(entity('account', 'entityValue')),
      ...['suid', 'logonUser', 'detail.logonUser', 'principalName', 'duser'],
    ]),
    domain: [indicator(/^domain$/), 'requestBase', hostOf(indicator(/^url$/))],
    url: [indicator(/^url$/), 'request', 'detail.request'],
    file_name: [indicator(/^(?:fullpath|filename)$/, /any|object/), 'fullPath', 'fileName', 'objectFilePath'],
    file_hashes: [
      indicator(/^file_sha256$/),
      indicator(/^file_sha1$/),
      ...['fileHashSha256', 'fileHash', 'objectFileHashSha256', 'objectFileHashSha1', 'objectFileHashMd5'],
      ...['detail.objectFileHashSha256', 'detail.objectFileHashSha1'],
    ],
    process: [indicator(/^process/), 'processFilePath', 'detail.processFilePath', 'deviceProcessName'],
    parent_process: ['parentFilePath', 'detail.parentFilePath'],
    command_line: [indicator(/^command_line$/, /any|processCmd/), 'processCmd', 'detail.processCmd'],
    email_from: [indicator(/^email_sender$/), 'suser', 'mailFrom'],
    email_to: entity('emailAddress', 'entityValue'),
    email_subject: [indicator(/^email_subject$/), 'mailMsgSubject'],
    outcome: byAction(['actResult', 'act']),
    direction: byTable('deviceDirection', { inbound: 'inbound', outbound: 'outbound' }),
    mitre: [...['matchedRules.matchedFilters.mitreTechniqueIds', 'filters.mitreTechniqueIds', 'mitreMapping']],
    event_class: [
      'eventName',
      'eventSubName',
      'detectionType',
      named('provider', 'alertProvider'),
      turned(['malType', 'cccaDetection'], (value) => (value === 'No' ? undefined : `malware:${String(value)}`)),
    ],
  },
});
