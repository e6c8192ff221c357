import { product } from '../../format';
import { byTable, byWords, joined, matched } from '../../readings';
import { cef } from '../../recognise';
import { byCefSeverity } from '../../standards/cef-severity';

export const unifi = product({
  name: 'unifi',
  title: 'Ubiquiti UniFi (CEF)',
  reference: 'https://help.ui.com/hc/en-us/articles/33349041044119-UniFi-System-Logs-SIEM-Integration',
  recognise: cef(/^Ubiquiti$/i),
  fields: {
    timestamp: ['UNIFIutcTime', 'rt'],
    rule_id: ['UNIFIipsSignatureId', 'signature'],
    rule_name: ['UNIFIipsSignature', 'UNIFIpolicyName', 'name'],
    title: 'name',
    description: 'msg',
    severity: [byCefSeverity, byWords('UNIFIrisk')],
    src_ip: ['src', 'UNIFIclientIp'],
    src_port: 'spt',
    dest_ip: 'dst',
    dest_port: 'dpt',
    hostname: ['UNIFIhost', 'UNIFIdeviceName'],
    username: ['UNIFIadmin', 'suser'],
    domain: ['dhost', matched('request', /^https?:\/\/([^/:]{3,253})/)],
    url: 'request',
    outcome: byTable('act', { blocked: 'blocked', allowed: 'allowed', detected: 'allowed' }),
    direction: byTable('UNIFIdirection', { incoming: 'inbound', outgoing: 'outbound' }),
    event_class: [joined('/', 'UNIFIcategory', 'UNIFIsubCategory'), 'name'],
  },
});
