import { product } from '../../format';
import type { Fields } from '../../document';
import { byTable, byWords, fromSyslog, lineTime, linkOf, matched, turned } from '../../readings';
import { text } from '../../recognise';

const PART = /\[([a-z_]{2,20}) "((?:[^"\\]|\\.){0,4000})"\]/g;
/** The web server adds its own `[client …]`, with the port; the last is the firewall's. */
const CLIENT = /\[client ([0-9a-fA-F.:]{2,45}?)(?::\d{1,5})?\](?! \[client)|, client: ([0-9a-fA-F.:]{2,45}),/;

function parts(message: string): Fields {
  const found: Record<string, string[]> = {};
  for (const [, key = '', value = ''] of message.matchAll(PART)) (found[key] ??= []).push(value);
  const { tag = [], ...rest } = found;
  return { ...Object.fromEntries(Object.entries(rest).map(([key, values]) => [key, values[0]])), tag };
}

/** ModSecurity and Coraza number their severities as syslog does. */
const NUMBERED = { 0: 'critical', 1: 'critical', 2: 'critical', 3: 'high', 4: 'medium', 5: 'low', 6: 'low', 7: 'low' };

export const modsecurity = product({
  name: 'modsecurity',
  title: 'ModSecurity, in the error log of the web server',
  reference: 'https://github.com/owasp-modsecurity/ModSecurity/wiki/ModSecurity-2-Data-Formats#alert-format',
  recognise: text((message) => {
    const line = message.slice(0, 20_000);
    if (!line.includes('ModSecurity: ') || !/\[id "\d{1,9}"\]/.test(line)) return undefined;
    const [, inBrackets, named] = CLIENT.exec(line) ?? [];
    const outcome = /ModSecurity: Access denied/.test(line) ? 'denied' : 'warning';
    return { ...parts(line), client: inBrackets ?? named, outcome };
  }),
  fields: {
    alert_id: 'unique_id',
    timestamp: [fromSyslog('timestamp'), lineTime],
    rule_id: 'id',
    rule_name: 'msg',
    title: 'msg',
    description: 'data',
    severity: [byTable('severity', NUMBERED), byWords('severity')],
    src_ip: 'client',
    dest_hostname: 'hostname',
    hostname: fromSyslog('host'),
    url: linkOf('hostname', [matched('data', /REQUEST_URI(?:_RAW)?: (\/\S{1,2000})/), 'uri']),
    outcome: byTable('outcome', { denied: 'blocked', warning: 'allowed' }),
    tags: turned('tag', (value) => (/^attack-/.test(String(value)) ? value : undefined)),
    event_class: 'tag',
  },
});
