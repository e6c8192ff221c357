import type { Alert } from '../alert';
import type { Field } from './coerce';
import type { Document } from './document';
import type { Format } from './format';
import { mapFields, type FieldMap } from './map-fields';
import { leaves, type Found } from './paths';
import { byTable, byWords, fromSyslog, lineTime, matched, turned, wholeText, type Reading } from './readings';
import { readKeyValues } from './text/key-values';

/**
 * Names by which tools call what we want to know, the surest first: letters and digits only, lower case. A name stands for
 * itself at any depth and for the end of a path: `sourceip` finds `source_ip`, `sourceIp` and `source: {ip: …}`.
 */
const NAMES: Partial<Record<Field, readonly string[]>> = {
  alert_id: [
    'alertid',
    'alertuuid',
    'eventid',
    'eventuuid',
    'detectionid',
    'findingid',
    'incidentid',
    'uuid',
    'guid',
    'id',
  ],
  timestamp: [
    ...[
      'timestamp',
      'eventtime',
      'detectedat',
      'detectiontime',
      'occurredat',
      'createdat',
      'starttime',
      'time',
      'date',
    ],
    ...['eventtimestamp', 'eventdatetime', 'createddatetime', 'querytimestamp', 'creationtime', 'occurred', 'logtime'],
    ...['datetime', 'firstseen', 'created', 'ts', 'eventdate', 'createdtime', 'receivedat'],
  ],
  rule_id: ['ruleid', 'signatureid', 'sid', 'ruleuuid', 'policyid', 'detectionruleid'],
  rule_name: [
    'rulename',
    'signaturename',
    'signature',
    'alertname',
    'detectionname',
    'threatname',
    'policyname',
    'rule',
    'alerttype',
    'eventtype',
  ],
  title: [
    'title',
    'alerttitle',
    'headline',
    'summary',
    'alertname',
    'name',
    'subject',
    'shortdescription',
    'eventname',
    'message',
    'msg',
  ],
  description: ['description', 'details', 'detail', 'message', 'msg', 'reason', 'text', 'body', 'alertdescription'],
  host_ip: ['hostip', 'deviceip', 'agentip', 'endpointip', 'localip', 'machineip', 'hostipaddress'],
  src_ip: [
    ...['srcip', 'sourceip', 'sourceaddress', 'srcaddr', 'sourceipaddress', 'srcipaddress', 'attackerip', 'clientip'],
    ...[
      'clientaddress',
      'remoteip',
      'remoteaddr',
      'remoteaddress',
      'callerip',
      'calleripaddress',
      'ipaddress',
      'ip',
      'src',
      'ipaddr',
      'actorip',
    ],
  ],
  src_port: ['srcport', 'sourceport', 'clientport', 'remoteport'],
  src_hostname: ['srchostname', 'sourcehostname', 'sourcehost', 'srchost', 'clienthostname', 'workstationname'],
  dest_ip: [
    'dstip',
    'destip',
    'destinationip',
    'destinationaddress',
    'dstaddr',
    'destinationipaddress',
    'targetip',
    'serverip',
    'dst',
    'victimip',
  ],
  dest_port: ['dstport', 'destport', 'destinationport', 'targetport', 'serverport'],
  dest_hostname: ['dsthostname', 'desthostname', 'destinationhostname', 'destinationhost', 'dsthost', 'targethost'],
  hostname: [
    'hostname',
    'computername',
    'devicename',
    'machinename',
    'endpointname',
    'agentname',
    'host',
    'computer',
    'device',
    'servername',
    'fqdn',
  ],
  username: [
    ...[
      'username',
      'useremail',
      'accountname',
      'userprincipalname',
      'upn',
      'loginname',
      'user',
      'account',
      'actor',
      'login',
    ],
    ...['samaccountname', 'targetusername', 'subjectusername', 'actoremail', 'personemail', 'principal'],
  ],
  domain: ['domain', 'domainname', 'fqdndomain', 'queryname', 'dnsquery', 'destinationdomain', 'maliciousdomain'],
  url: ['url', 'requesturl', 'uri', 'link', 'maliciousurl', 'clickedurl'],
  file_hashes: [
    'sha256',
    'filehash',
    'filesha256',
    'hashsha256',
    'sha1',
    'filesha1',
    'hashsha1',
    'md5',
    'filemd5',
    'hashmd5',
    'hash',
    'processhash',
  ],
  file_name: ['filename', 'filepath', 'file', 'attachmentname', 'threatfilepath'],
  process: ['processpath', 'processname', 'process', 'image', 'executable', 'processimage'],
  parent_process: ['parentprocess', 'parentprocessname', 'parentimage', 'parentprocesspath'],
  command_line: ['commandline', 'cmdline', 'processcommandline', 'command'],
  email_from: ['emailfrom', 'sender', 'from', 'senderaddress', 'fromaddress', 'mailfrom', 'senderemail'],
  email_to: ['emailto', 'recipient', 'recipients', 'to', 'recipientaddress', 'toaddress', 'rcptto', 'recipientemail'],
  email_subject: ['emailsubject', 'subject', 'mailsubject'],
  reply_to: ['replyto', 'replytoaddress'],
  bytes_out: ['bytesout', 'bytessent', 'sentbytes', 'uploadbytes', 'outboundbytes', 'bytestransferred'],
  failed_attempts: ['failedattempts', 'failedlogins', 'failurecount', 'attempts', 'failedcount', 'attemptcount'],
  executed: ['executed', 'wasexecuted', 'isexecuted'],
  clicked: ['clicked', 'wasclicked', 'isclicked', 'userclicked'],
  mitre: [
    'mitre',
    'mitreattack',
    'mitretechnique',
    'techniqueid',
    'techniques',
    'technique',
    'mitreid',
    'mitreattackid',
    'attacktechnique',
  ],
  tags: ['tags', 'labels', 'categories', 'category', 'groups'],
  tlp: ['tlp'],
};
const SEVERITY_NAMES = [
  'severity',
  'severityname',
  'severitylabel',
  'alertseverity',
  'priority',
  'risklevel',
  'criticality',
  'urgency',
  'threatlevel',
  'risk',
  'impact',
];
const OUTCOME_NAMES = ['outcome', 'result', 'action', 'status', 'disposition', 'actiontaken'];

/** What an analyst can start from; without any of these nothing was understood. */
const TELLING: readonly Field[] = [
  ...([
    'src_ip',
    'dest_ip',
    'host_ip',
    'hostname',
    'src_hostname',
    'dest_hostname',
    'username',
    'domain',
    'url',
  ] as const),
  ...(['file_hash', 'file_name', 'process', 'command_line', 'email_from', 'rule_name', 'title', 'mitre'] as const),
];

const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');

/** By each name: what stands there, the shallowest first. Built once for each document. */
function index({ fields }: Document): ReadonlyMap<string, Found[]> {
  const named = new Map<string, Found[]>();
  const sorted = leaves(fields)
    .map((found) => ({
      found,
      steps: found.pointer
        .split('/')
        .slice(1)
        .filter((step) => !/^\d+$/.test(step)),
    }))
    .sort((a, b) => a.steps.length - b.steps.length);
  for (const { found, steps } of sorted) {
    const ends = new Set([1, 2, 3].map((count) => plain(steps.slice(-count).join(''))));
    for (const end of ends) named.set(end, [...(named.get(end) ?? []), found]);
  }
  return named;
}

function mapFor(document: Document): FieldMap {
  const named = index(document);
  const reading =
    (names: readonly string[]): Reading =>
    () =>
      names.flatMap((name) => named.get(name) ?? []);
  const byName = Object.entries(NAMES).map(([field, names]) => [field, reading(names)] as const);
  const severity: Reading = [
    byWords(reading(SEVERITY_NAMES)),
    // a level is mostly that of a log: `error` and `info` say how the program is, not how bad an attack
    byTable(reading(['level']), { low: 'low', medium: 'medium', high: 'high', critical: 'critical' }),
  ];
  const outcome = byTable(reading(OUTCOME_NAMES), {
    ...{ success: 'success', succeeded: 'success', successful: 'success', failure: 'failure', failed: 'failure' },
    ...{
      blocked: 'blocked',
      denied: 'blocked',
      quarantined: 'blocked',
      prevented: 'blocked',
      allowed: 'allowed',
      detected: 'allowed',
    },
  });
  return { ...Object.fromEntries(byName), severity, outcome };
}

/** Who did it, where a log says "from" or the like before an address. */
const ACTOR = matched(
  wholeText,
  /\b(?:from|src|source|client|rhost|remote|attacker|ip)(?: (?:ip|address|host))?[ =:]{1,3}(?:[\w.-]{1,100} \()?[[("']?((?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})/i,
);
/** What goes on a sentence about an account, and is no account. */
const NO_NAME = String.raw`(?:or|and|name|names|id|failed|fail|from|is|was|has|had|not|to|for|in|on|at|of|by|with|login|log|logged|password|account|user|successfully|authentication|agent|does|input|could|cannot|type|unknown)\b`;
/** `192.0.2.1:5060->198.51.100.7:23`, as packet filters write who sent what to whom. */
const ARROW = String.raw`((?:\d{1,3}\.){3}\d{1,3})(?::\d{1,5})? ?-> ?((?:\d{1,3}\.){3}\d{1,3})(?!\d)`;
const SENDER = matched(wholeText, new RegExp(ARROW));
const RECEIVER = turned(wholeText, (value) => new RegExp(ARROW).exec(String(value).slice(0, 20_000))?.[2]);
const USER = matched(
  wholeText,
  new RegExp(
    String.raw`\b(?:user(?:name)?|account)(?: name)?(?:[=:] {0,2}| )["']?(?!${NO_NAME})([A-Za-z0-9_.@\\-]{1,99}[A-Za-z0-9_@\\-])`,
    'i',
  ),
);

function understandText(document: Document, receivedAt: string) {
  const pairs = readKeyValues(document.text);
  const withPairs = { ...document, fields: Object.keys(pairs).length >= 3 ? pairs : {} };
  const { title, ...named } = mapFor(withPairs);
  const map: FieldMap = {
    ...named,
    timestamp: [named.timestamp ?? [], fromSyslog('timestamp'), lineTime],
    hostname: [named.hostname ?? [], fromSyslog('host')],
    src_ip: [named.src_ip ?? [], SENDER, ACTOR],
    dest_ip: [named.dest_ip ?? [], RECEIVER],
    username: [named.username ?? [], USER],
    title: [title ?? [], matched(wholeText, /[^\r\n]{1,200}/)],
    raw_log: wholeText,
  };
  return mapFields(withPairs, map, receivedAt);
}

/** A name that the document gives its sender, where it gives one. */
function sourceOf({ fields }: Document): string {
  const named = ['source', 'product', 'vendor', 'tool', 'sensor'].map((name) => fields[name]);
  const source = named.find(
    (value): value is string => typeof value === 'string' && /^[\w .:/-]{2,60}$/.test(value.trim()),
  );
  return source?.trim() ?? 'generic';
}

/** Fields found by name and shape: the net under all formats. */
export const generic: Format = {
  name: 'generic',
  title: 'Any JSON or text: fields found by their names',
  understand(document, { receivedAt }) {
    const isText = document.syntax === 'text';
    const mapped = isText ? understandText(document, receivedAt) : mapFields(document, mapFor(document), receivedAt);
    // the first words of a text are its title, whatever they are
    const telling = TELLING.filter((field) => !(isText && field === 'title'));
    if (!telling.some((field) => mapped.alert[field] !== undefined)) return undefined;
    const alert: Alert = { source: sourceOf(document), ...mapped.alert };
    // what is called id may name anything
    const { origins, leftOver, eventClasses } = mapped;
    return [
      {
        alert,
        original: isText ? document.text : document.fields,
        extra: {},
        origins,
        leftOver,
        eventClasses,
        sharesId: true,
      },
    ];
  },
};
