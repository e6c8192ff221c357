import { account } from '../../accounts';
import type { Severity } from '../../../severity';
import { product } from '../../format';
import type { FieldMap } from '../../map-fields';
import { byAction } from '../../outcomes';
import { has, textAt } from '../../paths';
import { always, bySteps, byTable, byWords, matched, turned, when, type Reading } from '../../readings';
import { either, leef, shape } from '../../recognise';
import { CEF_FIELDS, cefOf } from '../../standards/cef';
import { LEEF_FIELDS } from '../../standards/leef';
import { type Holder, named } from './helpers';

/** Members of an event of the streams, which stand under `event`, or of the Data Replicator, which may stand alone. */
const e = (...names: string[]): string[] => names.flatMap((name) => [`event.${name}`, `unknown_payload.${name}`, name]);

const NEVER_HARMLESS =
  /mimikatz|sekurlsa|lsadump|gsecdump|lazagne|nanodump|procdump[^|]{0,200}lsass|xmrig|minerd\b|\bncat?(?:\.exe)?"? [^|]{0,80}-e /i;
/** `nc -e cmd.exe 192.0.2.1 443`: where a shell is handed over to. */
const handedTo = matched(
  e('CommandLine'),
  /\bn(?:c|cat)(?:64)?(?:\.exe)?"? (?:[^|\s]{1,60} ){0,6}?((?:\d{1,3}\.){3}\d{1,3}) \d{1,5}\b/i,
);

/** The number counts from 1 to 5, or to 100, by the version of the interface: it is asked only where no name is given. */
const byNumber = (reading: Reading): Reading =>
  turned(reading, (value): Severity | undefined => {
    const number = Number(value);
    if (!(number > 0)) return undefined;
    const [medium, high, critical] = number <= 5 ? [3, 4, 5] : [40, 60, 80];
    return number >= critical ? 'critical' : number >= high ? 'high' : number >= medium ? 'medium' : 'low';
  });

const direction = byTable(e('ConnectionDirection', 'NetworkAccesses.ConnectionDirection'), {
  0: 'outbound',
  1: 'inbound',
});
const inbound = ({ fields }: Holder): boolean => e('ConnectionDirection').some((path) => textAt(fields, path) === '1');
const outbound = (document: Holder): boolean => !inbound(document);
const local = e('LocalAddressIP4', 'LocalAddressIP6', 'LocalAddress');
const remote = e('RemoteAddressIP4', 'RemoteAddressIP6', 'RemoteAddress');
const remoteKnown = ({ fields }: Holder): boolean => remote.some((path) => has(fields, path));

const indicator = (type: RegExp): Reading =>
  when(({ fields }) => type.test(textAt(fields, 'event.IOCType') ?? textAt(fields, 'IOCType') ?? ''), e('IOCValue'));

const fields: FieldMap = {
  alert_id: [
    ...e('CompositeId', 'DetectId', 'DetectionId', 'IncidentID', 'LeadId'),
    ...['composite_id', 'detection_id', 'incident_id'],
    matched(e('FalconHostLink'), /\/(inc:[\w:-]{8,100})/),
    when(({ fields: each }) => has(each, 'aid'), 'id'),
  ],
  timestamp: [
    'metadata.eventCreationTime',
    ...['timestamp', 'event.timestamp', 'event.UTCTimestamp', 'UTCTimestamp'],
    ...['first_behavior', 'created_timestamp', 'start'],
    ...e('ContextTimeStamp', 'ProcessStartTime'),
  ],
  severity: [
    byWords([...e('SeverityName'), 'severity_name', 'max_severity_displayname']),
    byNumber([...e('Severity'), 'severity', 'max_severity']),
    // CrowdScore counts tenths up to 100
    bySteps(e('FineScore'), { low: 0, medium: 4, high: 6, critical: 8 }),
    // a process that was recorded, not detected, is told without a severity: some names need none
    turned(e('CommandLine', 'ImageFileName'), (value) =>
      NEVER_HARMLESS.test(String(value).slice(0, 20_000)) ? ('high' satisfies Severity) : undefined,
    ),
    // what is no detection is told without a severity
    when(
      ({ fields: each }) => ['metadata.eventType', ...e('ExternalApiType')].some((path) => has(each, path)),
      always('low' satisfies Severity),
    ),
  ],
  title: [
    'display_name',
    ...e('DetectName', 'Name', 'PolicyName'),
    ...['behaviors.scenario', 'event.OperationName', 'metadata.eventType'],
  ],
  description: [...e('DetectDescription', 'Description'), 'description', 'behaviors.description'],
  rule_id: [...e('PatternId', 'RuleId'), 'pattern_id', 'behaviors.behavior_id'],
  rule_name: ['display_name', ...e('RuleName', 'DetectName', 'Name'), 'behaviors.scenario'],
  hostname: [
    ...e('ComputerName', 'Hostname', 'HostnameField', 'SourceEndpointHostName', 'EndpointName'),
    ...['device.hostname', 'source_endpoint_host_name', 'hosts.hostname', 'hostname', 'host_names'],
  ],
  host_ip: [...e('LocalIP', 'SourceEndpointIpAddress'), 'device.local_ip', 'local_ip', 'hosts.local_ip', ...local],
  src_ip: [
    ...e('UserIp', 'SourceEndpointIpAddress', 'SourceEndpointAddressIP4'),
    ...['source_endpoint_address_ip4', 'source_endpoint_ip_address'],
    when(inbound, remote),
    when((document) => outbound(document) && remoteKnown(document), local),
    ...e('NetworkAccesses.LocalAddress'),
  ],
  src_port: [when(inbound, e('RemotePort')), when(outbound, e('LocalPort'))],
  src_hostname: [...e('SourceEndpointHostName'), 'source_endpoint_host_name'],
  dest_ip: [
    when(inbound, local),
    when(outbound, remote),
    ...e('NetworkAccesses.RemoteAddress', 'TargetEndpointAddressIP4'),
    'target_endpoint_address_ip4',
    handedTo,
  ],
  dest_port: [when(inbound, e('LocalPort')), when(outbound, e('RemotePort')), ...e('NetworkAccesses.RemotePort')],
  dest_hostname: [...e('TargetEndpointHostName'), 'target_endpoint_host_name'],
  direction,
  username: account([
    ...e('UserName', 'SourceAccountName', 'UserId', 'AccountName'),
    ...['user_name', 'source_account_name', 'behaviors.user_name', 'users.user_name'],
  ]),
  dest_username: [...e('TargetAccountName'), 'target_account_name'],
  domain: [...e('DomainName'), indicator(/domain/i), 'ioc_context.domain'],
  url: [indicator(/url/i)],
  file_name: [...e('FileName', 'TargetFileName'), 'filename', 'behaviors.filename'],
  file_hashes: [
    ...e('SHA256String', 'SHA1String', 'MD5String', 'SHA256HashData', 'SHA1HashData', 'MD5HashData'),
    ...['sha256', 'sha1', 'md5', 'behaviors.sha256', 'behaviors.md5'],
    indicator(/hash/i),
  ],
  process: [...e('ImageFileName'), 'filepath', 'behaviors.filepath'],
  parent_process: [
    ...e('ParentImageFileName', 'ParentBaseFileName'),
    ...['parent_details.filename', 'behaviors.parent_details.parent_cmdline'],
  ],
  command_line: [...e('CommandLine'), 'cmdline', 'behaviors.cmdline'],
  bytes_out: e('EgressBytes', 'DataVolume'),
  outcome: [
    byAction([...e('PatternDispositionDescription'), 'pattern_disposition_description']),
    byTable(e('Success'), { true: 'success', false: 'failure' }),
    byTable(e('RuleAction'), { 1: 'allowed', 2: 'blocked' }),
  ],
  mitre: [
    ...['technique_id', 'mitre_attack.technique_id', 'behaviors.technique_id'],
    ...e('TechniqueID', 'MitreAttack.TechniqueID'),
  ],
  event_class: [
    'metadata.eventType',
    matched(e('ExternalApiType'), /^Event_(.{1,80})$/),
    ...e('event_simpleName'),
    named('operation', e('OperationName')),
    named('product', 'product'),
    named('type', ['type', 'Type']),
    named('tactic', [...e('Tactic'), 'tactic', 'behaviors.tactic']),
    named('technique', [...e('Technique'), 'technique', 'behaviors.technique']),
    named('name', [...e('Name', 'DetectName'), 'name']),
    when(({ fields: each }) => has(each, 'behaviors') && has(each, 'detection_id'), always('DetectionSummaryEvent')),
    when(({ fields: each }) => has(each, 'incident_id') && has(each, 'fine_score'), always('IncidentSummaryEvent')),
  ],
};

export const crowdstrike = product({
  name: 'crowdstrike',
  title: 'CrowdStrike Falcon (event streams, Data Replicator, alerts and detections API)',
  reference: 'https://www.falconpy.io/Service-Collections/Alerts.html',
  recognise: either(
    shape(['metadata.eventType', 'metadata.customerIDString']),
    shape(['metadata.eventType', 'metadata.eventCreationTime', 'event']),
    shape(['composite_id', 'cid']),
    shape(['composite_id', 'aggregate_id']),
    shape(['detection_id', 'behaviors', 'device']),
    shape(['incident_id', 'fine_score']),
    shape(['ExternalApiType'], ({ ExternalApiType: type }) => typeof type === 'string' && type.startsWith('Event_')),
    shape(['event.ExternalApiType']),
    shape(['unknown_payload.ExternalApiType']),
    // the Data Replicator hands a detection over bare
    shape(['CompositeId', 'AgentId', 'PatternId']),
    shape(['event_simpleName', 'aid']),
    shape(['event.event_simpleName', 'event.aid']),
  ),
  fields,
});

const upToFive = ({ fields: each }: Holder): boolean => Number(textAt(each, 'cefSeverity')) <= 5;

/** The connector names its columns as the streams do, and puts the device where the alerted host is. */
export const crowdstrikeCef = product({
  name: 'crowdstrike_cef',
  title: 'CrowdStrike Falcon SIEM connector (CEF)',
  reference: 'https://www.crowdstrike.com/resources/guides/falcon-siem-connector/',
  recognise: cefOf(/^CrowdStrike/i),
  fields: {
    ...CEF_FIELDS,
    // `externalId` is the sensor's
    alert_id: [
      'DetectId',
      'CompositeId',
      'FalconEventId',
      matched(['cs6', 'FalconHostLink'], /\/(?:detail|detections)\/([^/?]{8,60}\/?[\w:-]{0,80})(?:\?|$)/),
    ],
    // the header has the number of the streams, from 1 to 5
    severity: [byWords(['SeverityName', 'severityName']), when(upToFive, byNumber('cefSeverity')), CEF_FIELDS.severity],
    hostname: ['shost', 'dhost', 'dvchost', 'ComputerName'],
    host_ip: ['src', 'dvc', 'LocalIP'],
    src_ip: [],
    src_hostname: [],
    dest_ip: [],
    dest_hostname: [],
    username: account(['suser', 'duser']),
    description: ['msg', 'DetectDescription'],
    file_hashes: ['fileHash', 'SHA256String', 'MD5String'],
    command_line: ['CommandLine', 'cs1'],
    event_class: [
      'cat',
      'signature',
      'name',
      named('tactic', ['Tactic', 'cat']),
      named('technique', ['Technique', 'name']),
    ],
  },
});

export const crowdstrikeLeef = product({
  name: 'crowdstrike_leef',
  title: 'CrowdStrike Falcon SIEM connector (LEEF)',
  reference: 'https://www.crowdstrike.com/resources/guides/falcon-siem-connector/',
  recognise: leef(/^CrowdStrike/i),
  fields: {
    ...LEEF_FIELDS,
    alert_id: ['externalId', 'detectId'],
    severity: [byWords('severityName'), byNumber(['sev', 'severity'])],
    title: ['name', 'eventId'],
    hostname: ['identHostName', 'hostName', 'resource'],
    host_ip: ['src', 'identSrc'],
    src_ip: [],
    command_line: 'commandLine',
    file_hashes: ['sha256', 'sha1', 'md5', 'fileHash'],
    event_class: ['cat', 'eventId', named('tactic', 'tactic'), named('technique', 'technique')],
  },
});
