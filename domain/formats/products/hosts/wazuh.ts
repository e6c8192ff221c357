import type { Document } from '../../document';
import { product } from '../../format';
import type { FieldMap } from '../../map-fields';
import { has, textAt, valuesAt } from '../../paths';
import { bySteps, matched, turned, when, type Reading } from '../../readings';
import { shape } from '../../recognise';
import { WINDOWS_FIELDS } from '../../windows/fields';
import { isWindowsEvent } from '../../windows/event';

/** Of the scale 0–15, 7 is the first that Wazuh counts as "bad word" matching, 12 as of high importance, 15 as an attack. */
const LEVELS = { low: 0, medium: 7, high: 12, critical: 15 } as const;
export const byLevel = (reading: Reading): Reading => bySteps(reading, LEVELS);

const isWindows = ({ fields }: Document): boolean => isWindowsEvent(fields);
const ofWindows = (field: keyof FieldMap): Reading => when(isWindows, WINDOWS_FIELDS[field] ?? []);

/** Services whose logs an agent or the manager only fetches: none of its own alerts. */
const FETCHED = /^(?:aws|azure.*|gcp|office365|github|ms-graph|okta|google.*|cloudflare.*)$/i;
const isFetched = ({ fields }: Document): boolean =>
  [textAt(fields, 'data.integration'), textAt(fields, 'data.aws.source'), textAt(fields, 'decoder.name')].some(
    (name) => name !== undefined && (FETCHED.test(name) || name === textAt(fields, 'data.aws.source')),
  );
const isManagersOwn = ({ fields }: Document): boolean => textAt(fields, 'agent.id') === '000';

export const webLink = (...readings: Reading[]): Reading => matched(readings, /^https?:\/\/.*/i);

const inGroup =
  (pattern: RegExp) =>
  ({ fields }: Document): boolean =>
    valuesAt(fields, 'rule.groups').some(({ value }) => typeof value === 'string' && pattern.test(value));

const says =
  (word: string): Reading =>
  () => [{ value: word, pointer: '' }];

const hostname: Reading = when(
  (document) => !isFetched(document),
  ofWindows('hostname'),
  // the manager also reads what others send it by syslog
  when(isManagersOwn, 'predecoder.hostname'),
  'agent.name',
  'predecoder.hostname',
  'manager.name',
);

export const wazuh = product({
  name: 'wazuh',
  title: 'Wazuh alert',
  reference: 'https://documentation.wazuh.com/current/user-manual/ruleset/rules/index.html',
  recognise: shape(['rule.level', 'rule.description', 'rule.id'], (fields) =>
    ['agent', 'manager', 'decoder', 'location', 'full_log', 'syscheck'].some((key) => key in fields),
  ),
  fields: {
    alert_id: 'id',
    timestamp: ['timestamp', '@timestamp'],
    rule_id: 'rule.id',
    rule_name: 'rule.description',
    severity: byLevel('rule.level'),
    mitre: ['rule.mitre.id', 'rule.mitre'],
    tags: 'rule.groups',
    hostname,
    host_ip: when(
      (document) => !isFetched(document),
      turned('agent.ip', (ip) => (typeof ip === 'string' && !ip.startsWith('127.') ? ip : undefined)),
    ),
    src_ip: [
      ofWindows('src_ip'),
      ...['data.srcip', 'srcip', 'data.src_ip', 'data.aws.sourceIPAddress', 'data.aws.source_ip_address'],
      'data.aws.service.action.networkConnectionAction.remoteIpDetails.ipAddressV4',
      'data.aws.service.action.awsApiCallAction.remoteIpDetails.ipAddressV4',
      'data.aws.service.action.portProbeAction.portProbeDetails.remoteIpDetails.ipAddressV4',
      ...[
        'data.aws.srcaddr',
        'data.office365.ClientIP',
        'data.office365.ActorIpAddress',
        'data.office365.ClientIPAddress',
      ],
      ...['data.gcp.protoPayload.requestMetadata.callerIp', 'data.gcp.jsonPayload.sourceIP', 'data.github.actor_ip'],
      ...[
        'data.okta.client.ipAddress',
        'data.ms-graph.ipAddress',
        'data.client_ip',
        'data.remote_ip',
        'data.audit.addr',
      ],
    ],
    src_port: [ofWindows('src_port'), 'data.srcport', 'data.src_port'],
    src_hostname: ofWindows('src_hostname'),
    dest_ip: [ofWindows('dest_ip'), 'data.dstip', 'data.dest_ip', 'data.aws.dstaddr'],
    dest_port: [ofWindows('dest_port'), 'data.dstport', 'data.dest_port'],
    dest_hostname: ofWindows('dest_hostname'),
    username: [
      ofWindows('username'),
      ...[
        'data.srcuser',
        'data.dstuser',
        'data.user',
        'data.aws.userIdentity.userName',
        'data.aws.user_identity.user_name',
      ],
      ...['data.aws.resource.accessKeyDetails.userName', 'data.office365.UserId', 'data.github.actor'],
      ...['data.gcp.protoPayload.authenticationInfo.principalEmail', 'data.okta.actor.alternateId'],
      ...[
        'data.ms-graph.userPrincipalName',
        'data.audit.acct',
        'syscheck.audit.login_user.name',
        'syscheck.audit.user.name',
      ],
    ],
    dest_username: [
      ofWindows('dest_username'),
      when(({ fields }) => has(fields, 'data.srcuser'), 'data.dstuser'),
      when(({ fields }) => 'srcuser' in fields, 'dstuser'),
    ],
    domain: [
      ofWindows('domain'),
      ...['data.http.hostname', 'data.tls.sni', 'data.dns.query.rrname', 'data.dns.rrname'],
      'data.aws.service.action.dnsRequestAction.domain',
    ],
    url: [ofWindows('url'), webLink('data.url', 'data.http.url')],
    file_hashes: [
      ofWindows('file_hashes'),
      ...['syscheck.sha256_after', 'syscheck.sha1_after', 'syscheck.md5_after', 'data.sha256', 'data.sha1', 'data.md5'],
      ...['data.virustotal.source.sha1', 'data.virustotal.source.md5', 'data.virustotal.sha1'],
    ],
    file_name: [
      ofWindows('file_name'),
      ...['syscheck.path', 'data.virustotal.source.file', 'data.YARA.scanned_file', 'data.yara_scanned_file'],
      ...['data.file', 'data.audit.file.name'],
    ],
    process: [ofWindows('process'), 'data.audit.exe', 'syscheck.audit.process.name', 'data.process'],
    parent_process: ofWindows('parent_process'),
    command_line: [ofWindows('command_line'), 'data.command', 'data.audit.command'],
    executed: ofWindows('executed'),
    outcome: [
      ofWindows('outcome'),
      when(inGroup(/^(?:win_)?authentication_success$/), says('success')),
      when(inGroup(/^(?:win_)?(?:authentication_fail(?:ed|ures?)|invalid_login)$/), says('failure')),
    ],
    raw_log: 'full_log',
    event_class: [
      ofWindows('event_class'),
      'decoder.name',
      'data.aws.type',
      'data.office365.Operation',
      'data.gcp.protoPayload.methodName',
    ],
  },
});
