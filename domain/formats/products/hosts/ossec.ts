import type { Document, Fields } from '../../document';
import { product } from '../../format';
import { cef, either, shape, text } from '../../recognise';
import { fromSyslog, matched, turned, when, type Reading } from '../../readings';
import { byLevel } from './wazuh';

const HEAD = /^\*\* Alert (\d{1,12}\.\d{1,12}):(?:\s*mail)?[^\S\n]*-?[^\S\n]*([^\n]{0,1000})$/;
const PLACE = /^(\d{4} [A-Z][a-z]{2} \d{2} \d{2}:\d{2}:\d{2}) (.{1,500})$/;
const RULE = /^Rule: (\d{1,9}) \(level (\d{1,2})\) -> '(.{0,1000})'$/;
const NAMED = /^(Src IP|Src Port|Dst IP|Dst Port|User|Src Location): (.{0,500})$/;

/** One alert as `alerts.log` has it: head, place, rule, what was decoded, and then the log itself. */
function readAlert(block: string): Fields | undefined {
  const [head = '', place = '', ...rest] = block.split('\n');
  const [, id, groups = ''] = HEAD.exec(head.trim()) ?? [];
  const [, time, location] = PLACE.exec(place.trim()) ?? [];
  const ruleAt = rest.findIndex((line) => RULE.test(line.trim()));
  const [, rule, level, description] = RULE.exec(rest[ruleAt]?.trim() ?? '') ?? [];
  if (id === undefined || rule === undefined) return undefined;
  const decoded: [string, string][] = [];
  let at = ruleAt + 1;
  for (let match; (match = NAMED.exec(rest[at]?.trim() ?? '')); at++) decoded.push([match[1] ?? '', match[2] ?? '']);
  return {
    ...Object.fromEntries(decoded),
    ...{ id, time, location, rule, level, description },
    groups: groups.split(',').map((group) => group.trim()),
    log: rest.slice(at).join('\n').trim(),
  };
}

/** `Alert Level: 5; Rule: 5716 - …; Location: (web) 192.0.2.1->/var/log/auth.log; srcip: …; user: …; log` */
const SYSLOG =
  /^(?:ossec|wazuh): Alert Level: (?<level>\d{1,2}); Rule: (?<rule>\d{1,9}) - (?<description>[^;]{0,500}); Location: (?<location>[^;]{1,500});(?: classification: ?'?(?<classes>[^;']{0,500})'?;)?(?: srcip: (?<srcip>[^;]{0,100});)?(?: dstip: (?<dstip>[^;]{0,100});)?(?: user: (?<user>[^;]{0,200});)?(?<log>.{0,8000})/s;

const written = text((message, { syslog }) => {
  if (/^\s*\*\* Alert \d/.test(message)) return undefined;
  const line = syslog.app === undefined ? message : `${syslog.app}: ${message}`;
  const groups = SYSLOG.exec(line.slice(0, 20_000))?.groups;
  return groups && { ...groups, groups: (groups.classes ?? '').split(',').map((group) => group.trim()) };
});

/** `(web) 192.0.2.1->/var/log/auth.log` or `web->/var/log/auth.log`; without an arrow the log is the manager's own. */
const LOCATION: Reading = ['location', 'component', 'Location'];
const WHERE = /^\(([^)]{1,255})\)|^([\w.-]{1,255})->/;

/** Beside `crit`, the id is the rule's. */
const isRuleId = ({ fields }: Document): boolean => 'crit' in fields;

export const ossec = product({
  name: 'ossec',
  title: 'OSSEC alert (alerts.log, syslog, JSON), also as Wazuh writes it',
  reference: 'https://www.ossec.net/docs/docs/formats/alerts.html',
  recognise: either(
    (document) => {
      if (document.syntax !== 'text' || !/^\s*\*\* Alert \d/.test(document.text)) return undefined;
      const blocks = document.text
        .trim()
        .split(/\n(?=\*\* Alert \d)/)
        .slice(0, 1000);
      const alerts = blocks.map(readAlert).filter((alert) => alert !== undefined);
      return alerts.length > 0 ? alerts : undefined;
    },
    written,
    shape(['crit', 'id', 'component', 'classification']),
    shape(['rule.level', 'rule.sidid']),
    cef(/^(?:Trend Micro Inc\.?|Wazuh,? Inc\.?|Wazuh)$/i, /^(?:OSSEC HIDS|Wazuh)$/i),
  ),
  fields: {
    alert_id: when((document) => !isRuleId(document), 'id'),
    timestamp: ['time', 'TimeStamp', 'timestamp', fromSyslog('timestamp')],
    rule_id: ['rule', 'rule.sidid', 'signature', when(isRuleId, 'id')],
    rule_name: ['rule.comment', 'description', 'name'],
    severity: byLevel(['level', 'rule.level', 'crit']),
    tags: [
      'groups',
      turned(['classification', 'rule.group'], (text) => (typeof text === 'string' ? text.split(/[,\s]+/) : undefined)),
    ],
    hostname: turned(LOCATION, (place) => {
      const [, agent, host] = (typeof place === 'string' && WHERE.exec(place)) || [];
      return agent ?? host;
    }),
    host_ip: matched(LOCATION, /^\([^)]{1,255}\) ([\d.:a-f]{2,45})->/i),
    src_ip: ['Src IP', 'srcip', 'src_ip', 'src'],
    src_port: ['Src Port', 'src_port'],
    dest_ip: ['Dst IP', 'dstip', 'dst_ip', 'dst'],
    dest_port: ['Dst Port', 'dst_port'],
    username: ['User', 'acct', 'dstuser', 'srcuser', 'suser'],
    file_name: matched(
      ['log', 'full_log', 'message', 'fullLog'],
      /^(?:Integrity checksum changed for: |File |New file )'([^']{1,1000})'/,
    ),
    file_hashes: [
      matched('log', /New sha256sum is ?: '([0-9a-f]{64})'/),
      matched('log', /New sha1sum is ?: '([0-9a-f]{40})'/),
      matched('log', /New md5sum is ?: '([0-9a-f]{32})'/),
    ],
    raw_log: ['log', 'full_log', 'message', 'msg'],
  },
});
