import { product } from '../../format';
import { has } from '../../paths';
import { byTable, inList, matched, turned, when, type Reading } from '../../readings';
import { either, shape } from '../../recognise';
import { named } from './helpers';

/** `["User", "guest"]` among the details. */
const detail =
  (name: RegExp): Reading =>
  ({ fields }) => {
    const details: unknown = fields.AdditionalDetails;
    if (!Array.isArray(details)) return [];
    return details.flatMap((pair: unknown, nth) =>
      Array.isArray(pair) && name.test(String(pair[0]))
        ? [{ value: pair[1] as unknown, pointer: `/AdditionalDetails/${nth}/1` }]
        : [],
    );
  };

export const canary = product({
  name: 'thinkst_canary',
  title: 'Thinkst Canary and Canarytokens',
  reference: 'https://help.canary.tools/hc/en-gb/articles/360002426577',
  recognise: either(
    shape(['IncidentKey', 'Description', 'Timestamp']),
    shape(['AlertType', 'Intro', 'Timestamp']),
    shape(['memo', 'manage_url', 'channel']),
  ),
  fields: {
    alert_id: ['IncidentKey', 'IncidentHash'],
    timestamp: [
      turned('Timestamp', (value) => String(value).replace(/ \(UTC\)$/, '')),
      turned('time', (value) => String(value).replace(/ \(UTC\)$/, '')),
    ],
    // nobody has business with a canary; that it is off line says little
    severity: [
      byTable(matched('IncidentKey', /^incident:([a-z.]{1,40})/), {
        devicedied: 'low',
        devicereconnected: 'low',
        '*': 'high',
      }),
      byTable('channel', { '*': 'high' }),
    ],
    title: ['Description', 'memo'],
    description: ['Intro', 'Reminder', 'memo'],
    hostname: 'CanaryName',
    host_ip: 'CanaryIP',
    src_ip: ['SourceIP', 'src_ip', 'additional_data.src_ip'],
    src_hostname: 'ReverseDNS',
    dest_ip: when(({ fields }) => has(fields, 'SourceIP'), 'CanaryIP'),
    dest_port: ['CanaryPort', detail(/^Dst Port$/)],
    username: detail(/^(?:User|Username)$/),
    file_name: detail(/^Filename$/),
    event_class: ['AlertType', matched('IncidentKey', /^incident:([a-z._]{1,60})/), 'Description', 'channel'],
  },
});

/** OpenCanary counts its kinds of events; the thousands are the service. */
export const openCanary = product({
  name: 'opencanary',
  title: 'OpenCanary',
  reference: 'https://opencanary.readthedocs.io/en/latest/alerts/email.html',
  recognise: shape(['logtype', 'node_id', 'src_host', 'dst_host']),
  fields: {
    timestamp: ['utc_time', 'local_time_adjusted', 'local_time'],
    severity: turned('logtype', (value) => (Number(value) < 2000 ? 'low' : 'high')),
    title: [turned('logtype', (value) => `OpenCanary event ${String(value)}`)],
    hostname: 'node_id',
    src_ip: 'src_host',
    src_port: 'src_port',
    dest_ip: 'dst_host',
    dest_port: 'dst_port',
    username: 'logdata.USERNAME',
    event_class: named('logtype', 'logtype'),
  },
});

/** Entities of an ExtraHop detection are told apart by their role. */
const participant = (role: RegExp, ...members: string[]): Reading =>
  inList('participants', (item) => role.test(String(item.role)), ...members);

export const extrahop = product({
  name: 'extrahop',
  title: 'ExtraHop Reveal(x) detections',
  reference: 'https://docs.extrahop.com/current/rest-api-guide/',
  recognise: shape(['risk_score', 'participants', 'title']),
  fields: {
    alert_id: ['id', 'detection_id'],
    timestamp: ['start_time', 'mod_time', 'update_time'],
    severity: turned('risk_score', (value) => {
      const number = Number(value);
      return number >= 80 ? 'critical' : number >= 60 ? 'high' : number >= 31 ? 'medium' : 'low';
    }),
    title: 'title',
    description: 'description',
    rule_name: 'type',
    hostname: [
      participant(/^victim$/, 'hostname', 'object_name'),
      participant(/^offender$/, 'hostname', 'object_name'),
    ],
    src_ip: participant(/^offender$/, 'object_value', 'ip_address'),
    dest_ip: participant(/^victim$/, 'object_value', 'ip_address'),
    username: participant(/./, 'username'),
    mitre: ['mitre_techniques.id', 'mitre_techniques'],
    event_class: ['type', named('category', 'categories')],
  },
});
