import { account } from '../../accounts';
import { product } from '../../format';
import { byAction } from '../../outcomes';
import { textAt } from '../../paths';
import { byTable, byWords, matched, turned, when, type Reading } from '../../readings';
import { either, leef, shape } from '../../recognise';
import { CEF_FIELDS, cefOf } from '../../standards/cef';
import { LEEF_FIELDS } from '../../standards/leef';
import { type Holder, named } from './helpers';

const isFile = ({ fields }: Holder): boolean => /^file:/i.test(textAt(fields, 'object_uri') ?? '');
const localPath: Reading = turned('object_uri', (value) =>
  String(value)
    .replace(/\\/g, '')
    .replace(/^file:\/{2,3}/i, ''),
);

export const eset = product({
  name: 'eset',
  title: 'ESET Protect (syslog JSON)',
  reference: 'https://help.eset.com/protect_admin/latest/en-US/events-exported-to-json-format.html',
  recognise: either(
    shape(['event_type', 'source_uuid', 'occured']),
    shape(['event_type', 'occured', 'severity', 'hostname']),
  ),
  fields: {
    alert_id: ['detection_uuid'],
    timestamp: turned('occured', (value) => String(value).replace(/^(\d{1,2})-([A-Za-z]{3})-(\d{4})/, '$1 $2 $3')),
    severity: byWords('severity', { fatal: 'critical', error: 'high' }),
    title: ['threat_name', 'rulename', 'event', 'operation', 'action', 'rule_id', 'event_type'],
    description: ['detail', 'circumstances', 'description', 'event'],
    rule_id: 'rule_id',
    rule_name: ['rulename', 'threat_name', 'rule_id', 'event'],
    hostname: 'hostname',
    host_ip: 'ipv4',
    src_ip: 'source_address',
    src_port: 'source_port',
    dest_ip: 'target_address',
    dest_port: 'target_port',
    username: account([
      'username',
      'account',
      'user',
      when(({ fields }) => textAt(fields, 'event_type') === 'Audit_Event', 'target'),
    ]),
    url: matched('object_uri', /^https?:\/\/\S{3,}/i),
    file_name: [when(isFile, localPath), 'target_file'],
    file_hash: 'hash',
    process: ['processname', 'process_name', 'application'],
    command_line: 'command_line',
    direction: byTable('inbound', { true: 'inbound', false: 'outbound' }),
    outcome: [
      byTable('result', { success: 'success', failed: 'failure', failure: 'failure' }),
      byAction(['action_taken', 'action']),
    ],
    event_class: ['event_type', 'event', named('threat', 'threat_type')],
  },
});

export const esetCef = product({
  name: 'eset_cef',
  title: 'ESET Protect (CEF)',
  reference: 'https://help.eset.com/protect_admin/latest/en-US/events-exported-to-cef-format.html',
  recognise: cefOf(/^ESET/i),
  fields: {
    ...CEF_FIELDS,
    alert_id: [],
    title: ['ESETProtectThreatName', 'Threat Name', 'name'],
    hostname: ['dhost', 'dvchost', 'shost', 'deviceHostName'],
    host_ip: ['dvc', 'c6a1'],
    dest_hostname: [],
    username: account(['suser', 'duser', 'Logged user']),
    file_hash: ['fileHash', 'ESETProtectHash', 'Hash', 'cs8'],
    file_name: turned(['filePath', 'fname'], (value) => String(value).replace(/^file:\/{2,3}/i, '')),
    process: 'sprod',
    event_class: ['cat', 'name', 'signature', named('threat', ['Threat Type', 'ESETProtectThreatType'])],
  },
});

export const esetLeef = product({
  name: 'eset_leef',
  title: 'ESET Protect (LEEF)',
  reference: 'https://help.eset.com/protect_admin/latest/en-US/events-exported-to-leef-format.html',
  recognise: leef(/^ESET/i),
  fields: {
    ...LEEF_FIELDS,
    title: ['threatName', 'event', 'cat'],
    hostname: ['deviceName', 'hostname', 'identHostName'],
    username: account(['usrName', 'accountName']),
    file_hash: ['hash', 'fileHash'],
    event_class: ['cat', 'eventId', named('threat', 'threatType')],
  },
});
