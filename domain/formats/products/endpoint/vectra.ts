import { isObject } from '../../../is-object';
import type { Fields } from '../../document';
import { product } from '../../format';
import { bySteps, byTable, byWords, turned } from '../../readings';
import { either, shape, text } from '../../recognise';
import { CEF_FIELDS, cefOf } from '../../standards/cef';
import { named } from './helpers';

/** `vectra_json_v2 -: {…}`, behind a syslog header or without one. */
const LINE = /^(vectra_[\w-]{2,60}?) ?-?: ?(?=\{)/;

function readPrefixed(message: string): Fields | undefined {
  const start = LINE.exec(message.slice(0, 200));
  if (!start) return undefined;
  try {
    const fields: unknown = JSON.parse(message.slice(start[0].length));
    return isObject(fields) ? { ...fields, vectra_kind: start[1] } : undefined;
  } catch {
    return undefined;
  }
}

export const vectra = product({
  name: 'vectra',
  title: 'Vectra Detect (syslog JSON, API)',
  reference: 'https://support.vectra.ai/s/article/KB-VS-1233',
  recognise: either(
    text(readPrefixed),
    shape(['detection_id', 'd_type', 'category']),
    shape(['d_type_vname', 'threat', 'certainty']),
    shape(['headend_addr', 'category', 'threat']),
    shape(['headend_addr', 'vectra_timestamp']),
    shape(['detection_category', 'detection_type', 'certainty']),
  ),
  fields: {
    alert_id: ['detection_id', 'det_id', 'id'],
    timestamp: ['vectra_timestamp', 'last_timestamp', 'timestamp'],
    severity: [
      // 0 to 10, as CEF counts
      bySteps('severity', { low: 0, medium: 4, high: 7, critical: 9 }),
      byWords('quadrant'),
      // what the product did, not what it detected
      byTable(['category', 'result', 'type'], {
        LOCKDOWN: 'low',
        HOST_LOCKDOWN: 'low',
        success: 'low',
        failure: 'low',
      }),
      bySteps(['threat', 't_score'], { low: 0, medium: 40, high: 70, critical: 90 }),
      turned('alert_severity', (value) => (Number(value) === 1 ? 'high' : Number(value) === 2 ? 'medium' : 'low')),
    ],
    title: ['d_type_vname', 'detection_type', 'detection', 'alert_signature', 'campaign_name', 'message', 'category'],
    description: ['reason', 'message', 'last_detection_type'],
    rule_id: 'alert_signature_id',
    rule_name: ['d_type_vname', 'detection_type', 'alert_signature'],
    hostname: ['host_name', 'src_name', 'src_host.name', 'host'],
    host_ip: ['host_ip', 'src_ip', 'src_host.ip'],
    src_ip: ['host_ip', 'src_ip', 'source_ip', 'src_host.ip'],
    src_port: 'src_port',
    dest_ip: ['dd_dst_ip', 'dest_ip', 'dst_ips'],
    dest_port: ['dd_dst_port', 'dest_port'],
    dest_hostname: 'dest_name',
    username: ['account_name', 'account_uid', 'user', 'src_account.name'],
    domain: ['dd_dst_dns', 'proxied_dst', 'dest_name'],
    bytes_out: ['dd_bytes_sent', 'bytes_sent'],
    event_class: [
      'd_type',
      named('category', ['category', 'detection_category']),
      named('type', ['d_type_vname', 'detection_type']),
      named('match', 'alert_category'),
      'vectra_kind',
    ],
  },
});

export const vectraCef = product({
  name: 'vectra_cef',
  title: 'Vectra Detect (CEF)',
  reference: 'https://support.vectra.ai/s/article/KB-VS-1233',
  recognise: cefOf(/^Vectra/i),
  fields: {
    ...CEF_FIELDS,
    timestamp: [CEF_FIELDS.timestamp],
    hostname: ['shost', 'dvchost'],
    host_ip: 'src',
    domain: ['dhost', CEF_FIELDS.domain],
    outcome: byTable('outcome', { success: 'success', failure: 'failure' }),
    event_class: ['signature', 'name', named('category', 'cat')],
  },
});
