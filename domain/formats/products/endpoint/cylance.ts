import { account } from '../../accounts';
import type { Fields } from '../../document';
import { product } from '../../format';
import { byAction } from '../../outcomes';
import { byTable, fromSyslog, joined, matched, turned, type Reading } from '../../readings';
import { text } from '../../recognise';

const PAIR = /(?:^|, ?)([A-Z][A-Za-z0-9]{0,20}(?: [A-Z][A-Za-z0-9]{0,20}){0,3}): ?/g;

/** `Event Type: Threat, Event Name: threat_found, Device Name: PC-17,…` */
function readPairs(message: string): Fields | undefined {
  const start = message.search(/\bEvent Type: ?[A-Z]/);
  if (start < 0 || !/CylancePROTECT|Event ?Name:/.test(message)) return undefined;
  const body = message.slice(start, start + 20_000);
  const keys = [...body.matchAll(PAIR)].slice(0, 100);
  const [, time] =
    /(\d{4}-\d{2}-\d{2}T[\d:]{8}(?:\.\d{1,6})?)\d{0,3}Z \S{1,255} CylancePROTECT/.exec(message.slice(0, 300)) ?? [];
  const pairs = Object.fromEntries(
    keys.map((match, nth) => [
      (match[1] ?? '').replace('EventName', 'Event Name'),
      body.slice(match.index + match[0].length, keys[nth + 1]?.index ?? body.length).trim(),
    ]),
  );
  return time === undefined ? pairs : { ...pairs, sent: `${time}Z` };
}

const bare = (reading: Reading): Reading => turned(reading, (value) => String(value).replace(/^\(|\)$/g, ''));

export const cylance = product({
  name: 'cylance',
  title: 'Cylance PROTECT (syslog)',
  reference: 'https://docs.blackberry.com/en/unified-endpoint-security/cylance-syslog-guide/current',
  recognise: text(readPairs),
  fields: {
    timestamp: ['sent', fromSyslog('timestamp')],
    // it grades nothing: what it calls dangerous is high, what it only tells is low
    severity: byTable('Event Type', {
      ...{ Threat: 'high', ExploitAttempt: 'high', ScriptControl: 'medium', ThreatClassification: 'medium' },
      ...{ OpticsCaeFileEvent: 'high', OpticsCaeProcessEvent: 'high', AppControl: 'low', '*': 'low' },
    }),
    title: [joined(' ', 'Event Type', 'Event Name'), 'Event Type'],
    description: ['Violation Type', 'Message', 'Description'],
    rule_name: ['Threat Classification', 'Violation Type'],
    hostname: ['Device Name', 'Device Names'],
    host_ip: bare('IP Address'),
    src_ip: 'Source IP',
    username: account([
      matched('User', /\(([^()\s]{1,200}@[^()\s]{1,200})\)/),
      'User Name',
      'User',
      bare('Logged On Users'),
    ]),
    file_name: ['File Path', 'File Name', 'Path'],
    file_hashes: ['SHA256', 'MD5'],
    process: ['Process Name', 'Interpreter'],
    outcome: byAction(['Status', 'Action', 'Event Name']),
    executed: byTable('Is Running', { true: true, false: false }),
    event_class: ['Event Type', joined('/', 'Event Type', 'Event Name')],
  },
});
