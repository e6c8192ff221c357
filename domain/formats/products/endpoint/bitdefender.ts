import { account } from '../../accounts';
import { isObject } from '../../../is-object';
import { product } from '../../format';
import { byAction } from '../../outcomes';
import { bySteps, byTable, byWords, hostOf, turned, type Reading } from '../../readings';
import { either, shape, type Recogniser } from '../../recognise';
import { CEF_FIELDS, cefOf } from '../../standards/cef';
import { named } from './helpers';

/** JSON-RPC carries several events in one notice. */
const pushed: Recogniser = ({ syntax, fields: { method, params } }) => {
  if (syntax !== 'json' || method !== 'addEvents' || !isObject(params)) return undefined;
  const { events } = params;
  return Array.isArray(events) && events.every(isObject) ? events : undefined;
};

/** An incident has a severity of its own; of the others the CEF form of the same event tells it. */
const BY_MODULE: Reading = byTable('module', {
  ...{ av: 'high', hd: 'critical', avc: 'high', antiexploit: 'critical', 'ransomware-mitigation': 'critical' },
  ...{ aph: 'high', fw: 'high', dp: 'high', 'exchange-malware': 'high', 'network-sandboxing': 'high' },
  ...{ 'network-monitor': 'high', uc: 'medium', '*': 'low' },
});

const host = (reading: Reading): Reading => turned(reading, (value) => (value === 'undefined' ? undefined : value));
const firstIp = (reading: Reading): Reading => turned(reading, (value) => String(value).split(/,\s*/)[0]);

export const bitdefender = product({
  name: 'bitdefender',
  title: 'Bitdefender GravityZone push events (JSON)',
  reference: 'https://www.bitdefender.com/business/support/en/77209-135318-event-types.html',
  recognise: either(
    pushed,
    shape(['module', 'companyId', 'computer_name']),
    shape(['module', 'product_installed', 'computer_id']),
  ),
  fields: {
    alert_id: ['incident_id', 'incidentId'],
    timestamp: [
      ...['timestamp', 'last_blocked', 'detectionTime', 'detection_time', 'date', 'created', 'start_time'],
      ...['detected_on', 'lastAdReportDate', 'last_update'],
    ],
    severity: [
      byWords('severity'),
      bySteps('severity_score', { low: 0, medium: 40, high: 70, critical: 90 }),
      BY_MODULE,
    ],
    title: [
      'malware_name',
      'detection_name',
      'detection_threatName',
      'threatType',
      'exploit_type',
      'aph_type',
      'status',
      'module',
    ],
    rule_name: ['detection_name', 'malware_name', 'detection_threatName', 'exploit_type', 'malware.malwareName'],
    hostname: host(['computer_name', 'computerName', 'serverName']),
    host_ip: firstIp(['computer_ip', 'computerIp']),
    src_ip: ['source_ip', 'attack_source'],
    dest_ip: 'victim_ip',
    dest_port: 'local_port',
    username: account(['user.name', 'user.userName', 'detection_username', 'username', 'userName']),
    domain: hostOf('url'),
    url: ['url', 'uri'],
    file_name: ['file_path', 'exploit_path', 'detection_path', 'filePaths', 'file_name'],
    file_hashes: ['hash', 'file_hash_sha256', 'file_hash_md5'],
    process: ['process_info_path', 'process_path'],
    parent_process: ['parent_process_path', 'detection_parentPath'],
    command_line: ['process_info_command_line', 'process_command_line'],
    email_from: 'sender',
    email_to: 'recipients',
    email_subject: 'subject',
    mitre: 'att_ck_id',
    outcome: byAction([
      'final_status',
      'status',
      'main_action',
      'detection_action',
      'actionTaken',
      'malware.actionTaken',
    ]),
    event_class: ['module', named('attack', 'attack_types'), 'detection_attackTechnique'],
  },
});

export const bitdefenderCef = product({
  name: 'bitdefender_cef',
  title: 'Bitdefender GravityZone (CEF)',
  reference: 'https://www.bitdefender.com/business/support/en/77209-135318-event-types.html',
  recognise: cefOf(/^Bitdefender/i),
  fields: {
    ...CEF_FIELDS,
    alert_id: 'BitdefenderGZIncidentId',
    timestamp: ['BitdefenderGZDetectionTime', 'start', 'end', CEF_FIELDS.timestamp],
    title: ['BitdefenderGZMalwareName', 'BitdefenderGZDetectionName', 'BitdefenderGZThreatName', 'name'],
    hostname: host(['dvchost', 'BitdefenderGZComputerFQDN']),
    host_ip: firstIp('dvc'),
    username: account(CEF_FIELDS.username),
    src_ip: ['BitdefenderGZEventSourceIP', 'BitdefenderGZAttackSource', 'src'],
    dest_ip: ['BitdefenderGZVictimIP', 'dst'],
    file_hashes: ['BitdefenderGZMalwareHash', 'fileHash', 'BitdefenderGZFileHashSha256', 'BitdefenderGZFileHashMd5'],
    parent_process: 'BitdefenderGZParentProcessPath',
    email_from: 'BitdefenderGZEmailSender',
    email_subject: 'BitdefenderGZEmailSubject',
    mitre: 'BitdefenderGZAttCkId',
    outcome: byAction(['BitdefenderGZMainAction', 'act']),
    event_class: ['BitdefenderGZModule', named('attack', 'BitdefenderGZAttackTypes')],
  },
});
