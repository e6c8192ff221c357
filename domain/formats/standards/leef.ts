import { product } from '../format';
import type { FieldMap } from '../map-fields';
import { byAction } from '../outcomes';
import { bySteps, byWords, fromSyslog } from '../readings';
import { leef as line } from '../recognise';

/** What IBM's list of predefined attributes says, for any product; a product's own map spreads it. */
export const LEEF_FIELDS = {
  timestamp: ['devTime', fromSyslog('timestamp')],
  // 1, the mildest, to 10
  severity: [bySteps('sev', { low: 0, medium: 4, high: 7, critical: 9 }), byWords('sev'), byWords('severity')],
  title: ['name', 'msg', 'eventId'],
  description: ['msg', 'reason'],
  rule_id: 'eventId',
  src_ip: 'src',
  src_port: 'srcPort',
  dest_ip: 'dst',
  dest_port: 'dstPort',
  hostname: ['identHostName', 'shost', 'hostName', 'dvchost', 'devName'],
  username: ['usrName', 'accountName', 'suser'],
  domain: 'dhost',
  url: ['url', 'request'],
  file_name: ['fileName', 'filePath', 'fname'],
  file_hash: ['fileHash', 'sha256', 'sha1', 'md5'],
  process: 'procName',
  bytes_out: 'srcBytes',
  outcome: byAction(['action', 'act']),
  event_class: ['eventId', 'cat', 'name'],
} satisfies FieldMap;

export const leef = product({
  name: 'leef',
  title: 'Log Event Extended Format (any product)',
  reference: 'https://www.ibm.com/docs/en/dsm?topic=overview-predefined-leef-event-attributes',
  recognise: line(/./),
  // numbered by each device for itself
  sharesId: () => true,
  fields: LEEF_FIELDS,
});
