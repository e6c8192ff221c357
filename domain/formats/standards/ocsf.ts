import type { Document } from '../document';
import { product } from '../format';
import { textAt } from '../paths';
import { byTable, byWords, inList, matched, turned, when, type Reading } from '../readings';
import { shape } from '../recognise';

const isFinding = ({ fields }: Document): boolean => textAt(fields, 'category_uid') === '2';

/** OCSF: 1 informational, 2 low, 3 medium, 4 high, 5 critical, 6 fatal; 0 and 99 are named in words. */
const severity: Reading = [
  // how bad it would be if the check had failed
  when(isFinding, byTable(['compliance.status', 'status_code'], { PASS: 'low', PASSED: 'low' })),
  byTable('compliance.status_id', { 1: 'low' }),
  byTable('severity_id', { 1: 'low', 2: 'low', 3: 'medium', 4: 'high', 5: 'critical', 6: 'critical' }),
  byWords('severity'),
];

/** Observables by their type: 1 hostname, 2 address, 3 MAC, 4 user, 5 mail address, 6 URL, 8 hash. */
const observable = (...types: number[]): Reading =>
  inList('observables', ({ type_id }) => types.includes(Number(type_id)), 'value');

/** Makers put what has no place of its own among the observables; its name then says what it is. */
const observableNamed = (type: number | undefined, name: RegExp, other?: RegExp): Reading =>
  inList(
    'observables',
    (each) =>
      (type === undefined || Number(each.type_id) === type) &&
      name.test(String(each.name)) &&
      other?.test(String(each.name)) !== true,
    'value',
  );
const DESTINATION = /(?:^|[._])(?:dst|dest|destination|target)(?:[._]|$)/i;

const SUCCEEDED = { 1: 'success', 2: 'failure' } as const;

export const ocsf = product({
  name: 'ocsf',
  title: 'Open Cybersecurity Schema Framework (OCSF)',
  reference: 'https://schema.ocsf.io/',
  recognise: shape(
    ['class_uid'],
    ({ category_uid, metadata, type_uid }) =>
      category_uid !== undefined || metadata !== undefined || type_uid !== undefined,
  ),
  fields: {
    alert_id: ['finding_info.uid', 'finding.uid', 'metadata.uid', 'metadata.correlation_uid'],
    timestamp: ['time', 'time_dt', 'finding_info.created_time', 'metadata.original_time'],
    rule_id: ['finding_info.analytic.uid', 'analytic.uid', 'rule.uid'],
    rule_name: ['finding_info.title', 'finding.title', 'analytic.name', 'rule.name', 'malware.name', 'type_name'],
    title: ['finding_info.title', 'finding.title', 'message', 'type_name'],
    description: ['finding_info.desc', 'finding.desc', 'message', 'status_detail'],
    severity,
    src_ip: [
      ...['src_endpoint.ip', 'src_endpoint.intermediate_ips', 'evidences.src_endpoint.ip', 'evidence.src_endpoint.ip'],
      ...['actor.session.ip', 'http_request.x_forwarded_for'],
      observableNamed(2, /./, DESTINATION),
    ],
    src_port: ['src_endpoint.port', 'evidences.src_endpoint.port'],
    src_hostname: ['src_endpoint.hostname', 'src_endpoint.name', 'evidences.src_endpoint.hostname'],
    dest_ip: ['dst_endpoint.ip', 'evidences.dst_endpoint.ip', observableNamed(2, DESTINATION)],
    dest_port: ['dst_endpoint.port', 'evidences.dst_endpoint.port'],
    dest_hostname: ['dst_endpoint.hostname', 'evidences.dst_endpoint.hostname'],
    hostname: [
      ...['device.hostname', 'device.name', 'evidences.device.hostname', 'dst_endpoint.hostname'],
      observableNamed(undefined, /^(?:device\.)?hostname$/i),
    ],
    host_ip: 'device.ip',
    username: [
      'user.name',
      'actor.user.name',
      'actor.user.email_addr',
      'user.email_addr',
      'evidences.actor.user.name',
      'dst_user',
      observable(4),
      // a resource's own data, as the text that the maker had it in
      matched('resources.data', /"(?:PrincipalName|UserName)": ?"([^"]{1,100})"/),
    ],
    domain: [
      ...['query.hostname', 'http_request.url.hostname', 'evidences.query.hostname', 'dst_endpoint.domain'],
      inList(
        'observables',
        ({ type_id, name }) =>
          Number(type_id) === 1 && !/^(?:src_endpoint|device|dst_endpoint)\.|^hostname$/.test(String(name)),
        'value',
      ),
    ],
    url: [
      'http_request.url.url_string',
      'url.url_string',
      'evidences.url.url_string',
      'http_request.url.text',
      observable(6),
    ],
    file_hashes: [
      ...['file.hashes.value', 'file.fingerprints.value', 'malware.files.hashes.value', 'evidences.file.hashes.value'],
      ...['process.file.hashes.value', 'process.file.fingerprints.value', 'evidences.process.file.hashes.value'],
      observable(8),
    ],
    file_name: ['file.path', 'file.name', 'evidences.file.path', 'evidences.file.name'],
    process: ['process.file.path', 'process.name', 'evidences.process.file.path', 'evidences.process.name'],
    parent_process: ['process.parent_process.file.path', 'process.parent_process.name', 'actor.process.file.path'],
    command_line: ['process.cmd_line', 'evidences.process.cmd_line', 'actor.process.cmd_line'],
    email_from: ['email.from', 'email.smtp_from', 'evidences.email.from'],
    email_to: ['email.to', 'email.smtp_to', 'evidences.email.to'],
    email_subject: ['email.subject', 'evidences.email.subject'],
    reply_to: 'email.reply_to',
    bytes_out: ['traffic.bytes_out'],
    outcome: [
      // a disposition says what became of it; a status only whether the act itself went through
      byTable('disposition_id', { 1: 'allowed', 2: 'blocked', 3: 'blocked', 4: 'blocked', 5: 'blocked', 6: 'blocked' }),
      // of a finding, it is how far its handling is
      when((document) => !isFinding(document), byTable('status_id', SUCCEEDED)),
    ],
    direction: byTable('connection_info.direction_id', { 1: 'inbound', 2: 'outbound', 3: 'internal' }),
    mitre: [
      'attacks.technique.uid',
      'attacks.technique.sub_technique.uid',
      'finding_info.attacks.technique.uid',
      'attacks.technique_uid',
    ],
    tags: ['finding_info.types', 'finding.types', 'malware.classifications'],
    event_class: [
      turned('class_uid', (value) => `class/${String(value)}`),
      turned('type_uid', (value) => `type/${String(value)}`),
      turned(['finding_info.types', 'finding.types'], (value) => String(value)),
      turned('status_detail', (value) => `status/${String(value)}`),
      turned(
        inList('malware', ({ classifications }) => !/^D?DOS$/i.test(String(classifications)), 'name'),
        () => 'malware',
      ),
    ],
  },
});
