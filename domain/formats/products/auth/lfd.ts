import { product } from '../../format';
import { always, fromSyslog, matched, turned } from '../../readings';
import { patterns } from '../../recognise';

export const lfd = product({
  name: 'lfd',
  title: 'ConfigServer Firewall login failure daemon (lfd)',
  reference: 'https://download.configserver.com/csf/readme.txt',
  recognise(document) {
    if (!/^lfd/.test(document.syslog.app ?? '') && !/\blfd\[\d{1,9}\]:/.test(document.text)) return undefined;
    return patterns(
      /^(?:\((?<service>[\w-]{1,40})\) )?(?<what>.{3,160}?) from (?<ip>[0-9a-fA-F.:]{3,45})(?: \((?<place>[^)]{0,200})\))?(?:: (?<count>\d{1,6}) in the last (?<seconds>\d{1,6}) secs)?(?<rest>.{0,300})$/,
      /^(?<what>.{0,120}?)\b(?<ip>\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]{2,40})(?<rest>.{0,300})$/,
    )({ ...document, text: document.text.replace(/^.{0,80}?\blfd\[\d{1,9}\]: /, '') });
  },
  fields: {
    timestamp: fromSyslog('timestamp'),
    hostname: fromSyslog('host'),
    src_ip: 'ip',
    rule_id: matched('rest', /\[((?:LF|PS|CT|PT|DD|LT)_?\w{0,30})\]/),
    rule_name: turned('what', (value) =>
      String(value)
        .trim()
        .replace(/[: ]{1,4}$/, ''),
    ),
    failed_attempts: 'count',
    tags: 'service',
    outcome: turned('rest', (value) => (/blocked|block\b/i.test(String(value)) ? 'blocked' : undefined)),
    severity: always('medium'),
    event_class: [matched('rest', /\[((?:LF|PS|CT|PT|DD|LT)_?\w{0,30})\]/), 'service'],
  },
});
