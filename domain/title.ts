import type { Alert, AlertClass } from './alert';

/** Longest title that is shown and stored; the alert keeps its own whole. */
const LONGEST = 255;

const NAMES: Record<AlertClass, string> = {
  brute_force: 'Brute force',
  malware: 'Malware',
  phishing: 'Phishing',
  suspicious_ip: 'Suspicious address',
  lateral_movement: 'Lateral movement',
  data_exfil: 'Data exfiltration',
  unclassified: 'Unclassified alert',
};

function part(word: string, value: string | undefined): string {
  return value === undefined ? '' : ` ${word} ${value}`;
}

function compose(alert: Alert, type: AlertClass): string {
  const source = alert.src_ip ?? alert.src_hostname;
  const target = alert.dest_hostname ?? alert.dest_ip ?? alert.domain;
  const host = alert.hostname ?? alert.host_ip;
  switch (type) {
    case 'brute_force':
      return part('on', alert.username) + part('from', source) + part('at', host ?? target);
    case 'malware':
      return part('in', alert.file_name ?? alert.file_hash) + part('on', host ?? alert.src_ip);
    case 'phishing':
      return part('from', alert.email_from) + part('to', alert.email_to?.[0]);
    case 'suspicious_ip':
      return part('from', source) + part('to', target ?? host);
    case 'lateral_movement':
      return part('by', alert.username) + part('from', source) + part('to', target ?? host);
    case 'data_exfil':
      return part('from', host ?? source) + part('to', target ?? alert.url);
    case 'unclassified':
      return part('of', alert.rule_name) || part('from', alert.source);
  }
}

/** Collapses control characters, which would break lines of queues and logs. */
function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  const flat = text.replace(/[\u0000-\u001f\u007f\u2028\u2029]{1,99}/g, ' ').trim();
  return flat.length > LONGEST ? `${flat.slice(0, LONGEST - 1).replace(/[\ud800-\udbff]$/, '')}…` : flat;
}

/** The alert's own title, else one made from its type and who did what to whom. One line, at most 255 characters. */
export function titleOf(alert: Alert, type: AlertClass): string {
  const own = oneLine(alert.title ?? '');
  return own === '' ? oneLine(`${NAMES[type]}${compose(alert, type)}`) : own;
}
