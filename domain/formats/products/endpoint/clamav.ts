import { product } from '../../format';
import { always, fromSyslog, turned, type Reading } from '../../readings';
import { patterns } from '../../recognise';

/**
 * `/srv/up/a.zip: Win.Test.EICAR_HDB-1(44d88612fea8a8f36de82e1278abb02f:68) FOUND`, of clamscan and clamd, with clamd's
 * time before it or without.
 */
const FOUND =
  /^(?:(?:(?<time>\w{3} \w{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}) )?-> )?(?:clamd\[\d{1,9}\]: )?(?<file>[^\n]{1,4000}?): (?<signature>[\w.\-/]{3,200})(?:\((?<hash>[0-9a-f]{32,64}):\d{1,15}\))? FOUND\s*(?:\n|$)/;

/** What is unwanted, and not malicious, is so named. */
const severity: Reading = turned('signature', (value) =>
  /^(?:PUA|Heuristics\.(?:Encrypted|Limits|Broken))/i.test(String(value)) ? 'medium' : 'high',
);

export const clamav = product({
  name: 'clamav',
  title: 'ClamAV (clamd, clamscan)',
  reference: 'https://docs.clamav.net/manual/Usage/Scanning.html',
  recognise: patterns(FOUND),
  fields: {
    timestamp: ['time', fromSyslog('timestamp')],
    severity,
    title: 'signature',
    rule_name: 'signature',
    hostname: fromSyslog('host'),
    file_name: turned('file', (value) => (/^(?:instream|fd\[|stream)/.test(String(value)) ? undefined : value)),
    file_hash: 'hash',
    event_class: always('FOUND'),
  },
});
