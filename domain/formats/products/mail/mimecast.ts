import type { Fields } from '../../document';
import { product } from '../../format';
import { has, textAt } from '../../paths';
import { byTable, candidates, joined, linkOf, matched, turned, when, type Reading } from '../../readings';
import { either, shape, text } from '../../recognise';

const MOST_PAIRS = 200;

const safe = /^(?:safe|clean|no_detections|none)$/i;
/** What a scan says, where it says something bad. */
const finding: Reading = turned(
  ['scanResult', 'result', 'reason', 'threatType', 'subtype', 'Virus', 'virusFound'],
  (value) => (safe.test(String(value)) ? undefined : value),
);
/** Why a mail was turned away, where that is for what it brings. */
const refused: Reading = turned('RejType', (value) =>
  /virus|malware/i.test(String(value)) ? 'av' : /spam|spoof|dmarc|rbl/i.test(String(value)) ? 'spam' : undefined,
);
const action: Reading = [
  'actions',
  'action',
  'actionTriggered',
  'Act',
  'Action',
  'policiesApplied.action',
  'threatState',
];

/** Lines of the older SIEM logs: `datetime=…|aCode=…|acc=…|Subject=\as it is, be it with a bar\|…`. */
function readLine(line: string): Fields | undefined {
  if (!/^datetime=[^|]{10,40}\|/.test(line)) return undefined;
  const pairs: [string, string][] = [];
  for (const part of line.slice(0, 200_000).split('|').slice(0, MOST_PAIRS)) {
    const [start, key] = /^([A-Za-z]\w{0,40})=/.exec(part) ?? [];
    const last = pairs.at(-1);
    const isOpen = last !== undefined && /^\\(?:$|[^\n]{0,20000}[^\\]$)/.test(last[1]);
    if (!isOpen && start !== undefined && key !== undefined) pairs.push([key, part.slice(start.length)]);
    else if (last) last[1] += `|${part}`;
  }
  const fields = Object.fromEntries(pairs.map(([key, value]) => [key, value.trim().replace(/^\\|\\$/g, '')]));
  return has(fields, 'acc') ? fields : undefined;
}

export const mimecast = product({
  name: 'mimecast',
  title: 'Mimecast',
  reference: 'https://developer.services.mimecast.com/siem-tutorial-cg',
  recognise: either(
    text(readLine),
    shape(['userEmailAddress', 'fromUserEmailAddress']),
    shape(['senderAddress', 'recipientAddress'], (fields) =>
      ['definition', 'policy', 'result'].some((name) => has(fields, name)),
    ),
    shape(['aggregateId', 'processingId', 'type']),
    shape(['acc', 'datetime'], (fields) =>
      ['aCode', 'Sender', 'sender', 'MsgId', 'senderDomain'].some((name) => has(fields, name)),
    ),
    shape(['auditType', 'eventTime', 'category', 'user'], (fields) =>
      /mimecast|_/.test(textAt(fields, 'category') ?? ''),
    ),
  ),
  // the id of a message: each of its links and files is told of by itself
  sharesId: ({ fields }) => !has(fields, 'id'),
  fields: {
    alert_id: ['id', 'messageId', 'MsgId', 'aCode', 'aggregateId', 'processingId'],
    timestamp: ['eventTime', 'date', 'datetime', 'timestamp'],
    rule_name: ['definition', 'Definition', 'ttpDefinition', 'policy', 'auditType', 'type'],
    title: [
      joined(': ', ['category', 'urlCategory', 'definition', 'policy', 'type'], ['subject', 'Subject']),
      'subject',
      'Subject',
      'auditType',
    ],
    description: ['details', 'eventInfo', 'category', 'ScanResultInfo', 'scanResults'],
    severity: [
      byTable(finding, {
        ...{ malicious: 'medium', suspicious: 'medium', malware: 'high', phishing: 'high' },
        '*': 'medium',
      }),
      turned('taggedMalicious', (value) => (value === true || value === 'true' ? 'medium' : undefined)),
      byTable(['result', 'scanResult', 'threatType'], { safe: 'low', clean: 'low', no_detections: 'low' }),
    ],
    src_ip: [
      'sendingIp',
      'senderIpAddress',
      'senderIp',
      'sourceIp',
      'SourceIP',
      'IP',
      matched('eventInfo', /\bIP: ?([0-9a-f.:]{3,45})/i),
    ],
    email_from: [
      'fromUserEmailAddress',
      'senderAddress',
      'senderEnvelope',
      'sender',
      'Sender',
      'senderHeader',
      'headerFrom',
    ],
    email_to: ['userEmailAddress', 'recipientAddress', 'recipients', 'recipient', 'Recipient', 'Rcpt'],
    email_subject: ['subject', 'Subject'],
    username: 'user',
    url: linkOf('none', ['url', 'URL']),
    domain: matched(['url', 'URL'], /^https?:\/\/([^/:?#]{3,253})/i),
    file_hashes: ['fileHash', 'sha256', 'sha1', 'md5'],
    file_name: ['fileName', 'attachments'],
    outcome: turned(action, (value) =>
      /block|hold|hld|rej|bounce|quarantin/i.test(String(value))
        ? 'blocked'
        : /allow|none|acc|deliver|warn|notif/i.test(String(value))
          ? 'allowed'
          : undefined,
    ),
    direction: byTable(['route', 'Route', 'direction', 'Dir'], {
      inbound: 'inbound',
      outbound: 'outbound',
      internal: 'internal',
    }),
    tags: ['category', 'urlCategory', 'UrlCategory', 'identifiers', 'tags'],
    event_class: [
      turned(['result', 'scanResult'], (value) => (safe.test(String(value)) ? 'NO_DETECTIONS' : undefined)),
      ...['type', 'auditType', 'threatType'],
      turned(finding, (value) => `finding/${String(value)}`),
      turned(['policy'], (value) => `policy/${String(value)}`),
      turned(['ttpDefinition', 'url', 'URL'], () => 'url protect'),
      turned(['fileHash'], () => 'attachment protect'),
      turned('Virus', () => 'av'),
      refused,
      when(
        (document) => candidates([refused, finding], document).length === 0,
        turned('aCode', () => 'mailflow'),
      ),
      turned(['impersonationResults', 'identifiers', 'InternalName'], () => 'impersonation protect'),
    ],
  },
});
