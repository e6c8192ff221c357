import { account } from '../../accounts';
import type { Fields } from '../../document';
import { product } from '../../format';
import { byAction } from '../../outcomes';
import { has, textAt } from '../../paths';
import { byTable, byWords, fromSyslog, matched, turned, when, type Reading } from '../../readings';
import { text } from '../../recognise';
import { CEF_FIELDS, cefOf } from '../../standards/cef';
import { readCells } from '../../text/csv';
import { type Holder, named } from './helpers';

/** Keys of which a line of the manager has several; nobody else writes them so. */
const TELLING = [
  'Computer name',
  'Risk name',
  'Actual action',
  'Requested action',
  'Local Host IP',
  'Remote Host IP',
  'CIDS Signature ID',
  'Event Description',
  'Local Host MAC',
  'Begin',
  'Application hash',
  'Scan ID',
  'Local Host',
  'Site',
  'Server',
  'Admin',
  'Server Name',
  'Domain Name',
  'Rule',
  'Device ID',
  'File size (bytes)',
  'Remote Port',
];
const ENOUGH = 3;

/** `Security risk found,Computer name: PC-17,"Group: My Company\\Sales",…`: the first cell that has no key names the event. */
function readPairs(message: string): Fields | undefined {
  const cells = readCells(message).slice(0, 200);
  const pairs = cells.flatMap((cell): [string, string][] => {
    const [, key = '', value = ''] = /^'?([A-Z][\w ()/-]{0,60}): ?(.{0,5000})$/s.exec(cell) ?? [];
    return key === '' ? [] : [[key, value.trim()]];
  });
  const fields = Object.fromEntries([...pairs].reverse());
  if (TELLING.filter((key) => key in fields).length < ENOUGH) return undefined;
  const alone = cells.filter((cell) => cell !== '' && !/^'?[A-Z][\w ()/-]{0,60}: ?/.test(cell));
  return { ...fields, sep_event: alone[0] ?? '', sep_words: alone.slice(0, 20) };
}

const words = ({ fields }: Holder): string[] => (Array.isArray(fields.sep_words) ? fields.sep_words.map(String) : []);

const isRisk = ({ fields }: Holder): boolean => has(fields, 'Risk name') || has(fields, 'Actual action');
const isTraffic = ({ fields }: Holder): boolean =>
  /Local Host|Local Port/.test(Object.keys(fields).join()) && !isRisk({ fields });
const inbound = ({ fields }: Holder): boolean => words({ fields }).some((word) => /^inbound$/i.test(word));
const local = ['Local Host IP', 'Local Host', 'Local'];
const remote = turned(['Remote Host IP'], (value) => String(value).replace(/\.$/, ''));
/** The kinds of lines, the most telling first. */
const KINDS: readonly (readonly [(holder: Holder) => boolean, (fields: Fields) => string])[] = [
  [(holder) => words(holder).some((word) => /log ?on failed/i.test(word)), () => 'logon failed'],
  [isRisk, (fields) => `risk:${textAt(fields, 'sep_event') ?? ''}`],
  [
    ({ fields }) => has(fields, 'CIDS Signature ID'),
    (fields) => `security:${textAt(fields, 'Event Description') ?? ''}`,
  ],
  [isTraffic, () => 'traffic'],
  [({ fields }) => has(fields, 'Scan ID'), () => 'scan'],
  [({ fields }) => has(fields, 'Device ID'), () => 'behavior'],
  [() => true, () => 'system'],
];
const kind: Reading = ({ fields }) =>
  KINDS.filter(([holds]) => holds({ fields }))
    .slice(0, 1)
    .map(([, name]) => ({ value: name(fields), pointer: '' }));

export const symantec = product({
  name: 'symantec_sep',
  title: 'Symantec Endpoint Protection Manager (syslog)',
  reference: 'https://knowledge.broadcom.com/external/article/155205',
  recognise: text(readPairs),
  fields: {
    timestamp: ['Event time', 'Begin', 'Event Time', 'Begin Time', fromSyslog('timestamp')],
    severity: [
      byWords(['Risk Level', 'Severity']),
      when(
        isRisk,
        turned('sep_event', () => 'high'),
      ),
      when(
        ({ fields }) => has(fields, 'CIDS Signature ID'),
        turned('sep_event', () => 'medium'),
      ),
      turned('sep_event', () => 'low'),
    ],
    title: [when(isRisk, 'Risk name'), 'CIDS Signature string', 'Event Description', 'Rule', 'sep_event'],
    description: ['Event Description', 'sep_event'],
    rule_id: when(({ fields }) => textAt(fields, 'CIDS Signature ID') !== '0', 'CIDS Signature ID'),
    rule_name: ['Risk name', 'CIDS Signature string', 'Rule'],
    hostname: [
      ...['Computer name', 'Computer Name', 'Computer'],
      when((document) => isTraffic(document) || has(document.fields, 'Device ID'), 'sep_event'),
    ],
    host_ip: ['IP Address', when(isTraffic, ...local)],
    src_ip: ['Source IP', when(inbound, remote), when((document) => !inbound(document), ...local)],
    dest_ip: [when(inbound, ...local), when((document) => !inbound(document), remote)],
    src_port: [when(inbound, 'Remote Port'), when((document) => !inbound(document), 'Local Port')],
    dest_port: [when(inbound, 'Local Port'), when((document) => !inbound(document), 'Remote Port')],
    src_hostname: 'Source computer',
    username: account(['User', 'User Name', 'User1', 'Admin']),
    domain: 'Web domain',
    // an intrusion's link is told without its scheme
    url: ['Intrusion URL', 'Download site'].map((key) =>
      matched(key, /^((?:https?:\/\/|[\w.-]{1,253}(?::\d{1,5})?\/)\S{3,})/i),
    ),
    file_hashes: ['Application hash', 'SHA-256', 'MD5', 'MD-5'],
    // the file stands alone, behind no key
    file_name: when(isRisk, (document) =>
      words(document)
        .filter((word) => /^'?(?:[a-z]:[\\/]|\/)/i.test(word))
        .map((value) => ({ value, pointer: '' })),
    ),
    process: 'Application',
    direction: [
      when(
        inbound,
        turned('sep_event', () => 'inbound'),
      ),
      when(
        (document) => words(document).includes('Outbound'),
        turned('sep_event', () => 'outbound'),
      ),
    ],
    outcome: [
      byAction(['Actual action', 'Action']),
      byTable(matched('Event Description', /(blocked|not blocked)\./), {
        blocked: 'blocked',
        'not blocked': 'allowed',
      }),
    ],
    event_class: [kind, named('category', 'Category set')],
  },
});

export const symantecCef = product({
  name: 'symantec_cef',
  title: 'Symantec / Broadcom (CEF)',
  reference: 'https://techdocs.broadcom.com/us/en/symantec-security-software.html',
  recognise: cefOf(/^(?:Symantec|Broadcom)/i),
  fields: CEF_FIELDS,
});
