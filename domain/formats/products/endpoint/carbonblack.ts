import { account } from '../../accounts';
import { product } from '../../format';
import type { FieldMap } from '../../map-fields';
import { byAction } from '../../outcomes';
import { has, textAt } from '../../paths';
import { always, bySteps, byTable, byWords, turned, when, type Reading } from '../../readings';
import { either, leef, shape } from '../../recognise';
import { CEF_FIELDS, cefOf } from '../../standards/cef';
import { LEEF_FIELDS } from '../../standards/leef';
import { type Holder, named, withoutDomain } from './helpers';

/** 1, the mildest, to 10. */
const bySeverity = (reading: Reading): Reading => bySteps(reading, { low: 0, medium: 4, high: 7, critical: 9 });

/** A file that everybody trusts was only at the place where something happened. */
const untrusted = (reputation: string, ...hashes: string[]): Reading =>
  when(({ fields }) => !/TRUSTED|WHITE/.test(textAt(fields, reputation) ?? ''), ...hashes);

/** `MITRE_T1059_001_POWERSHELL` */
const techniques = (reading: Reading): Reading =>
  turned(reading, (value) => {
    const [, base, sub] = /^MITRE_T(\d{4})_(?:(\d{3})_)?/.exec(String(value)) ?? [];
    return base === undefined ? String(value) : `T${base}${sub === undefined ? '' : `.${sub}`}`;
  });

const isNetwork = ({ fields }: Holder): boolean => has(fields, 'netconn_remote_ip');

const kind = named('type', ['type', 'alert_type']);

const fields: FieldMap = {
  alert_id: ['id', 'threatInfo.incidentId', 'eventId'],
  timestamp: [
    ...['detection_timestamp', 'create_time', 'first_event_timestamp', 'first_event_time', 'backend_timestamp'],
    ...['eventTime', 'threatInfo.time'],
  ],
  severity: [bySeverity(['severity', 'threatInfo.score'])],
  title: ['reason', 'report_name', 'threatInfo.summary', 'reason_code', 'eventDescription'],
  description: ['reason', 'reason_code', 'threatInfo.summary', 'eventDescription'],
  rule_id: ['report_id', 'ioc_id', 'rule_id'],
  rule_name: ['report_name', 'watchlists.name', 'ruleName'],
  hostname: withoutDomain(['device_name', 'deviceInfo.deviceName']),
  host_ip: ['device_internal_ip', 'deviceInfo.internalIpAddress'],
  src_ip: when(isNetwork, 'netconn_local_ip', 'device_internal_ip'),
  src_port: when(isNetwork, 'netconn_local_port'),
  dest_ip: 'netconn_remote_ip',
  dest_port: 'netconn_remote_port',
  domain: 'netconn_remote_domain',
  username: account(['device_username', 'process_username', 'deviceInfo.deviceOwnerId', 'deviceInfo.email']),
  file_name: [
    ...['process_name', 'process_path', 'threat_cause_actor_name', 'blocked_name'],
    'policyAction.applicationName',
  ],
  file_hashes: [
    untrusted('process_reputation', 'process_sha256', 'process_md5'),
    untrusted('policyAction.reputation', 'policyAction.sha256Hash'),
    ...['process_hash', 'threat_cause_actor_sha256', 'threat_cause_actor_md5'],
    when(({ fields: each }) => !has(each, 'process_sha256'), 'threatInfo.indicators.sha256Hash'),
  ],
  process: ['process_name', 'process_path', 'threat_cause_actor_name'],
  parent_process: ['parent_name', 'parent_path'],
  command_line: 'process_cmdline',
  executed: byTable('run_state', { RAN: true, DID_NOT_RUN: false }),
  outcome: [
    byTable('sensor_action', { DENY: 'blocked', TERMINATE: 'blocked' }),
    byTable('policy_applied', { APPLIED: 'blocked', NOT_APPLIED: 'allowed' }),
    byTable('policyAction.action', { DENY: 'blocked', TERMINATE: 'blocked', ALLOW: 'allowed' }),
  ],
  mitre: [techniques(['ttps', 'threat_indicators.ttps']), 'attack_technique', 'report_tags'],
  event_class: [
    kind,
    named('category', ['threat_cause_threat_category', 'blocked_threat_category']),
    named('reputation', ['process_reputation', 'policyAction.reputation']),
  ],
};

export const carbonblack = product({
  name: 'carbonblack',
  title: 'VMware Carbon Black Cloud (alerts, watchlist hits, notifications)',
  reference: 'https://developer.carbonblack.com/reference/carbon-black-cloud/platform/latest/alerts-api/',
  recognise: either(
    shape(['org_key', 'device_name', 'severity', 'type']),
    shape(['org_key', 'type', 'threat_id', 'severity']),
    shape(['threatInfo.incidentId', 'deviceInfo.deviceName']),
    shape(['policyAction.action', 'deviceInfo.deviceName']),
  ),
  fields,
});

export const carbonblackAudit = product({
  name: 'carbonblack_audit',
  title: 'VMware Carbon Black Cloud audit log',
  reference: 'https://developer.carbonblack.com/reference/carbon-black-cloud/platform/latest/audit-log-events/',
  recognise: shape(['orgName', 'loginName', 'eventId', 'eventTime']),
  fields: {
    alert_id: 'eventId',
    timestamp: 'eventTime',
    severity: byTable('flagged', { true: 'medium', false: 'low' }),
    title: 'description',
    description: 'description',
    src_ip: 'clientIp',
    username: 'loginName',
    event_class: always('audit'),
  },
});

const isListed = ({ fields: each }: Holder): boolean => /^ipv4|ipv6$/i.test(textAt(each, 'ioc_type') ?? '');

export const carbonblackEdr = product({
  name: 'carbonblack_edr',
  title: 'VMware Carbon Black EDR (Response) event forwarder',
  reference: 'https://developer.carbonblack.com/reference/enterprise-response/connectors/event-forwarder/event-schema/',
  recognise: either(
    shape(['cb_server', 'type', 'computer_name']),
    shape(['watchlist_name', 'docs']),
    shape(['feed_name', 'report_id', 'ioc_type']),
    shape(['feed_name', 'ioc_value', 'hostname']),
    shape(['alert_type', 'cb_server', 'hostname']),
  ),
  fields: {
    alert_id: ['unique_id', 'alert_id'],
    timestamp: ['event_timestamp', 'timestamp', 'created_time'],
    severity: bySteps(['alert_severity', 'report_score'], { low: 0, medium: 40, high: 60, critical: 85 }),
    title: ['watchlist_name', 'report_title', 'report_id', 'event_type', 'type'],
    rule_id: ['watchlist_id', 'report_id'],
    rule_name: ['watchlist_name', 'feed_name'],
    hostname: [
      ...['hostname', 'computer_name', 'docs.hostname'],
      turned('docs.endpoint', (value) => String(value).replace(/\|.*$/, '')),
    ],
    host_ip: ['interface_ip', 'comms_ip'],
    src_ip: byDirection('local_ip', 'remote_ip'),
    dest_ip: [byDirection('remote_ip', 'local_ip'), when(isListed, 'ioc_value')],
    dest_port: [byDirection('remote_port', 'local_port'), 'ioc_attr.port'],
    domain: ['domain', when(({ fields: each }) => textAt(each, 'ioc_type') === 'dns', 'ioc_value')],
    direction: byTable(['direction', 'ioc_attr.direction'], { outbound: 'outbound', inbound: 'inbound' }),
    username: account(['username', 'docs.username']),
    file_hashes: ['md5', 'sha256', 'docs.process_md5', 'docs.process_sha256', 'docs.md5', 'process_md5'],
    file_name: ['path', 'docs.path', 'observed_filename', 'docs.observed_filename'],
    process: ['process_name', 'docs.process_name'],
    parent_process: ['parent_path', 'docs.parent_name'],
    command_line: ['command_line', 'docs.cmdline'],
    outcome: byTable('blocked', { true: 'blocked', false: 'allowed' }),
    event_class: ['type', 'alert_type', named('ioc', 'ioc_type'), named('feed', ['feed_name', 'watchlist_name'])],
  },
});

function byDirection(outbound: string, other: string): Reading {
  return [
    when(({ fields: each }) => textAt(each, 'direction') === 'inbound', other),
    when(({ fields: each }) => textAt(each, 'direction') !== 'inbound', outbound),
  ];
}

export const carbonblackCef = product({
  name: 'carbonblack_cef',
  title: 'VMware Carbon Black syslog connector (CEF)',
  reference: 'https://github.com/carbonblack/cbc-syslog',
  recognise: cefOf(/^(?:Confer Technologies|Carbon ?Black|CarbonBlack|VMware Carbon Black|Bit9)/i),
  fields: {
    ...CEF_FIELDS,
    hostname: withoutDomain(['dhost', 'dvchost', 'shost']),
    host_ip: ['dvc', 'dst'],
    dest_hostname: [],
    username: account(['duser', 'suser', 'dvcuser']),
    file_hashes: ['fileHash', 'sha256', 'md5'],
    outcome: byAction('act'),
  },
});

export const carbonblackLeef = product({
  name: 'carbonblack_leef',
  title: 'VMware Carbon Black EDR (LEEF)',
  reference: 'https://developer.carbonblack.com/reference/enterprise-response/connectors/event-forwarder/event-schema/',
  recognise: leef(/^CB$|^Carbon ?Black/i),
  fields: {
    ...LEEF_FIELDS,
    alert_id: ['unique_id', 'alert_id'],
    timestamp: ['timestamp', 'event_timestamp', LEEF_FIELDS.timestamp],
    severity: [
      bySteps(['alert_severity', 'report_score'], { low: 0, medium: 40, high: 60, critical: 85 }),
      byWords('sev'),
    ],
    title: ['watchlist_name', 'feed_name', 'name', 'eventId'],
    rule_name: ['watchlist_name', 'feed_name'],
    hostname: ['hostname', 'computer_name', 'docs_hostname'],
    username: account(['username', 'usrName']),
    src_ip: 'local_ip',
    dest_ip: 'remote_ip',
    file_hashes: ['md5', 'process_md5', 'sha256'],
    file_name: ['path', 'process_path'],
    command_line: ['command_line', 'cmdline'],
    event_class: ['eventId', named('feed', ['feed_name', 'watchlist_name'])],
  },
});
