import { product } from '../../format';
import type { FieldMap } from '../../map-fields';
import { has } from '../../paths';
import { always, byWords, fromSyslog, matched, turned, when, type Reading } from '../../readings';
import { either, patterns, shape } from '../../recognise';

/** Falco counts as syslog does. */
const severity = byWords('priority', { critical: 'critical', error: 'high', notice: 'low' });

/** `key=value` of what stands in brackets after the message. */
const said = (key: string): Reading => matched('output', new RegExp(String.raw`[ (]${key}=([^ )]{1,500})`));

const ends = (key: string, part: 'ip' | 'port'): Reading =>
  turned([`output_fields.${key}`, said(key.replace('.', String.raw`\.`))], (value) => {
    const [, ip = String(value), port] = /^([\d.]{7,15}|\[[0-9a-f:]{2,45}\]):(\d{1,5})$/i.exec(String(value)) ?? [];
    return part === 'ip' ? ip : port;
  });

const fields: FieldMap = {
  alert_id: 'uuid',
  timestamp: ['time', 'stamp', fromSyslog('timestamp')],
  severity,
  title: ['rule', 'message'],
  description: ['output', 'message'],
  rule_name: ['rule', 'message'],
  hostname: ['hostname', 'output_fields.evt.hostname', 'output_fields.k8s.node.name', fromSyslog('host')],
  username: turned(
    ['output_fields.user.name', 'output_fields.ka.user.name', 'output_fields.ct.user', said('user'), said('user_name')],
    // a rule that is tried out gives the names of its fields for their values
    (value) => (/^%?user\.\w/.test(String(value)) ? undefined : value),
  ),
  src_ip: [ends('fd.cip', 'ip'), ends('fd.lip', 'ip'), 'output_fields.ct.srcip', 'output_fields.ka.sourceips'],
  src_port: [ends('fd.cport', 'port'), 'output_fields.fd.cport', 'output_fields.fd.lport'],
  dest_ip: [ends('fd.sip', 'ip'), ends('fd.rip', 'ip')],
  dest_port: [ends('fd.sip', 'port'), 'output_fields.fd.sport', 'output_fields.fd.rport'],
  domain: 'output_fields.fd.sip.name',
  file_name: [
    turned(['output_fields.fd.name', said('file')], (value) => (/->/.test(String(value)) ? undefined : value)),
  ],
  process: ['output_fields.proc.exepath', 'output_fields.proc.name', said('process')],
  parent_process: ['output_fields.proc.pname', said('parent')],
  command_line: ['output_fields.proc.cmdline', matched('output', / command=([^=]{1,2000}) \w{1,30}=/)],
  file_hashes: ['output_fields.proc.hash.sha256'],
  mitre: 'tags',
  tags: 'tags',
  // lines are only of what processes did
  event_class: ['source', 'rule', when(({ fields: each }) => has(each, 'message'), always('syscall'))],
};

/** `09:15:42.120012345: Warning Sensitive file opened … (user=root …)`, as it stands in syslog and on the console. */
const LINE =
  /^(?<stamp>(?:\d{4}-\d{2}-\d{2}T)?\d{2}:\d{2}:\d{2}\.\d{9}(?:[+-]\d{4})?): (?<priority>Emergency|Alert|Critical|Error|Warning|Notice|Informational|Debug) (?<output>(?<message>[^(]{1,500}).{0,15000})/s;

export const falco = product({
  name: 'falco',
  title: 'Falco and Falcosidekick',
  reference: 'https://falco.org/docs/concepts/outputs/formatting/',
  recognise: either(
    shape(['output', 'priority', 'rule', 'time']),
    shape(['rule', 'priority', 'output_fields']),
    patterns(LINE),
  ),
  fields,
});

export const sysdig = product({
  name: 'sysdig',
  title: 'Sysdig Secure',
  reference: 'https://docs.sysdig.com/en/docs/administration/administration-settings/event-forwarding/',
  recognise: shape(['content.ruleName', 'originator', 'timestamp']),
  fields: {
    alert_id: 'id',
    timestamp: ['timestampRFC3339Nano', 'timestamp'],
    // 0 is the worst: 0–3 high, 4–5 medium, 6 low, 7 only told
    severity: turned('severity', (value) => {
      const number = Number(value);
      return Number.isNaN(number) ? undefined : number <= 3 ? 'high' : number <= 5 ? 'medium' : 'low';
    }),
    title: ['content.ruleName', 'name'],
    description: ['content.output', 'description'],
    rule_name: 'content.ruleName',
    hostname: ['labels.host.hostName', 'labels.kubernetes.node.name', 'labels.aws.instanceName'],
    username: ['content.fields.user.name', 'content.fields.ct.user', 'content.fields.aws.user'],
    src_ip: ['content.fields.ct.srcip', 'content.fields.fd.cip'],
    dest_ip: 'content.fields.fd.sip',
    process: ['content.fields.proc.exepath', 'content.fields.proc.name'],
    parent_process: 'content.fields.proc.pname',
    command_line: 'content.fields.proc.cmdline',
    mitre: turned('content.ruleTags', (value) =>
      String(value)
        .replace(/^MITRE_/, '')
        .replace(/_/g, ' '),
    ),
    tags: 'content.ruleTags',
    event_class: ['source', 'content.ruleName', 'content.ruleType'],
  },
});
