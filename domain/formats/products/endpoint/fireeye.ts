import { has, textAt } from '../../paths';
import { product } from '../../format';
import { byAction } from '../../outcomes';
import { byTable, bySteps, byWords, linkOf, turned, when } from '../../readings';
import { either, shape } from '../../recognise';
import { CEF_FIELDS, cefOf } from '../../standards/cef';
import { type Holder, named } from './helpers';

const isHost = ({ fields }: Holder): boolean => /^hx$/i.test(textAt(fields, 'product') ?? '');

export const fireeyeCef = product({
  name: 'fireeye_cef',
  title: 'FireEye / Trellix NX, EX, HX (CEF)',
  reference: 'https://docs.trellix.com/bundle/nx_ag/page/UUID-notifications.html',
  recognise: cefOf(/^FireEye/i),
  fields: {
    ...CEF_FIELDS,
    title: ['IOC Name', 'sname', 'name'],
    description: ['msg', 'categoryTupleDescription'],
    rule_name: ['IOC Name', 'sname', 'name'],
    // an agent's own alert names its host; the appliance is asked of no other
    hostname: ['dhost', when((document) => !isHost(document), 'shost')],
    dest_hostname: [],
    username: ['duser', 'suser'],
    domain: 'cncHost',
    url: ['url', 'cncUrl', 'request'],
    file_hashes: ['fileHash', 'md5', 'sha256'],
    file_name: ['filePath', 'fname'],
    email_from: when(({ fields }) => /@/.test(textAt(fields, 'suser') ?? ''), 'suser'),
    email_to: when(({ fields }) => /@/.test(textAt(fields, 'duser') ?? ''), 'duser'),
    email_subject: 'subject',
    event_class: ['name', 'signature', 'act'],
  },
});

/** `minr`, `majr`, `crit` are its own words. */
const severity = byWords(['alert.severity', 'severity'], {
  minr: 'medium',
  majr: 'high',
  crit: 'critical',
  unkn: 'low',
});

export const fireeye = product({
  name: 'fireeye',
  title: 'FireEye / Trellix NX, EX, FX, HX (JSON)',
  reference: 'https://docs.trellix.com/bundle/nx_ag/page/UUID-notifications.html',
  recognise: either(
    shape(['alert.name', 'appliance']),
    shape(['alert.name', 'alert.occurred', 'alert.explanation']),
    shape(['agent._id', 'condition', 'event_at', 'source']),
    shape(['rawmsg', 'meta_cbname', 'deviceid']),
  ),
  // each appliance counts for itself
  sharesId: ({ fields }) => !has(fields, 'alert.uuid'),
  fields: {
    alert_id: ['alert.uuid', 'alert.id', '_id'],
    timestamp: ['alert.occurred', 'alert.attack-time', 'event_at', 'matched_at', 'rawmsg.timestamp'],
    severity: [
      severity,
      byTable('source', { MAL: 'high', EXD: 'high', IOC: 'high' }),
      bySteps('alert.severity', { low: 0, medium: 4, high: 7, critical: 9 }),
      when(
        ({ fields }) => has(fields, 'rawmsg') && !has(fields, 'rawmsg.alert'),
        turned('meta_cbname', () => 'low'),
      ),
    ],
    title: [
      'alert.explanation.malware-detected.malware.name',
      'alert.name',
      'condition.name',
      'name',
      'rawmsg.event_type',
    ],
    description: ['alert.explanation.analysis', 'event_type'],
    rule_name: [
      'alert.explanation.malware-detected.malware.name',
      'alert.name',
      'condition.name',
      'rawmsg.alert.signature',
    ],
    hostname: ['alert.src.host', 'alert.src.host-name', 'agent.hostname', 'host.hostname'],
    host_ip: ['agent.primary_ip_address', 'event_values.localIP'],
    src_ip: ['alert.src.ip', 'rawmsg.src_ip'],
    src_port: ['alert.src.port', 'rawmsg.src_port'],
    dest_ip: ['alert.dst.ip', 'event_values.remoteIpAddress', 'rawmsg.dest_ip'],
    dest_port: ['alert.dst.port', 'rawmsg.dest_port'],
    domain: [
      ...['alert.explanation.cnc-services.cnc-service.address', 'rawmsg.dns.rrname', 'rawmsg.tls.sni'],
      'rawmsg.http.hostname',
    ],
    url: [
      'alert.src.url',
      'alert.explanation.cnc-services.cnc-service.url',
      'alert.explanation.malware-detected.malware.url',
      linkOf('rawmsg.http.hostname', 'rawmsg.http.url'),
    ],
    username: ['event_values.fileWriteEvent/username', 'event_values.processEvent/username', 'subtype_username'],
    file_hashes: [
      ...['alert.explanation.malware-detected.malware.sha256', 'alert.explanation.malware-detected.malware.md5sum'],
      ...['event_values.fileWriteEvent/md5', 'event_values.processEvent/md5', 'md5values'],
      ...['rawmsg.fileinfo.sha256', 'rawmsg.fileinfo.md5'],
    ],
    file_name: [
      'alert.explanation.malware-detected.malware.original',
      'event_values.fileWriteEvent/fullPath',
      'rawmsg.fileinfo.filename',
    ],
    email_from: ['alert.src.smtp-mail-from', 'alert.smtp-message.smtp-header-from'],
    email_to: ['alert.dst.smtp-to', 'alert.dst.smtp-rcpt-to'],
    email_subject: ['alert.smtp-message.subject'],
    outcome: byAction(['alert.action', 'resolution']),
    event_class: ['alert.name', named('source', 'source'), named('event', 'rawmsg.event_type')],
  },
});
