import { product } from '../format';
import { bySteps, byTable, turned } from '../readings';
import { shape } from '../recognise';

/** Suricata counts severities from 1, the worst. */
const severity = bySteps(
  turned('alert.severity', (value) => (typeof value === 'number' ? -value : undefined)),
  { low: -255, medium: -2, high: -1 },
);

export const suricata = product({
  name: 'suricata',
  title: 'Suricata EVE alert',
  reference: 'https://docs.suricata.io/en/latest/output/eve/eve-json-format.html',
  recognise: shape(['event_type', 'alert.signature'], ({ event_type }) => event_type === 'alert'),
  fields: {
    timestamp: 'timestamp',
    rule_id: 'alert.signature_id',
    rule_name: 'alert.signature',
    severity,
    src_ip: 'src_ip',
    src_port: 'src_port',
    dest_ip: 'dest_ip',
    dest_port: 'dest_port',
    hostname: 'host',
    domain: ['http.hostname', 'tls.sni', 'dns.query.rrname', 'dns.queries.rrname'],
    url: 'http.url',
    email_from: 'smtp.mail_from',
    email_to: 'smtp.rcpt_to',
    file_hashes: ['files.sha256', 'files.sha1', 'files.md5'],
    file_name: 'files.filename',
    bytes_out: 'flow.bytes_toserver',
    mitre: ['alert.metadata.mitre_technique_id'],
    outcome: byTable('alert.action', { blocked: 'blocked', allowed: 'allowed' }),
    event_class: 'alert.category',
  },
});
