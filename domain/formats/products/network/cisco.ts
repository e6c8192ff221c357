import type { Fields } from '../../document';
import { product } from '../../format';
import { bySteps, byTable, fromSyslog, hostOf, joined, turned } from '../../readings';
import { text } from '../../recognise';
import { readColonPairs } from '../../text/key-values';

/** `%ASA-4-106023: …`, `%FTD-1-430005: …`, `%NGIPS-0-430003: …` */
const MESSAGE = /%(ASA|FTD|FWSM|PIX|NGIPS)-(?:[a-z]{2,8}-)?(\d)-(\d{6}): ?/;
const ADDRESS = String.raw`([0-9a-f.:]{3,45})(?:\/(\d{1,5}))?`;
/** `outside:192.0.2.1/4312`, with the user that some messages put behind it. */
const END = String.raw`(?:[\w.-]{1,50}:)?${ADDRESS}`;
const FROM_TO = [
  new RegExp(String.raw`\b(?:src|from) \(?${END}\)?(?:\([^)]{0,100}\))?(?: .{0,60}?)?\b(?:dst|to) ${END}`, 'i'),
  new RegExp(String.raw`\b(?:from|Source|Src) (?:IP )?(?:address )?=? ?${END}`, 'i'),
  new RegExp(
    String.raw`\b(?:permitted|denied|est-allowed) \w{1,10} [\w.-]{1,50}\/([0-9a-f.:]{3,45})\((\d{1,5})\) -> [\w.-]{1,50}\/([0-9a-f.:]{3,45})\((\d{1,5})\)`,
    'i',
  ),
  new RegExp(String.raw`\bIP = ([0-9a-f.:]{3,45})`, 'i'),
  new RegExp(String.raw`\bIP <([0-9a-f.:]{3,45})>`, 'i'),
  new RegExp(String.raw`\bIP address: ${END}`, 'i'),
  new RegExp(String.raw`\bHost ${END}`, 'i'),
];
/** Web access: `Access denied URL http://… SRC 192.0.2.1 DEST 198.51.100.1`, `192.0.2.1 Accessed URL 198.51.100.1:http://…` */
const WEB = [
  /\bURL (?<link>\S{1,2000}) SRC (?<src>[0-9a-f.:]{3,45}) DEST (?<dst>[0-9a-f.:]{3,45})/i,
  /^(?<src>[0-9a-f.:]{3,45}) Accessed (?:JAVA )?URL (?<dst>[0-9a-f.]{3,45}):(?<link>\S{1,2000})/i,
];
const LISTED = /\bresolved from (?:dynamic|local) list: (?<listed>[a-z0-9-][a-z0-9.-]{1,252}\.[a-z]{2,63})\b/i;
// `for outside:192.0.2.1/80` names an interface
const USER =
  /\b(?:u(?:ser)?name(?: ?[=:])?|user(?: ?[=:])?|for(?: user)?) (?:= ?)?["'<]?([A-Za-z0-9_.@\\$-]{1,100})(?![:/]\d|[A-Za-z0-9_.@\\$-])["'>]?/gi;

function ends(message: string): Fields {
  const web = WEB.map((pattern) => pattern.exec(message)?.groups).find((groups) => groups);
  if (web) return { ...web };
  const match = [FROM_TO[2], FROM_TO[0], FROM_TO[1], ...FROM_TO.slice(3)]
    .map((pattern) => pattern?.exec(message))
    .find((found) => found);
  const [, src, sport, dst, dport] = match ?? [];
  const listed = LISTED.exec(message)?.groups?.listed;
  return Object.fromEntries(
    Object.entries({ src, sport, dst, dport, listed }).filter(([, value]) => value !== undefined),
  );
}

/** Words after "user" that are none's name. */
const NO_USER = /^(?:user|username|authentication|ip|no|requests?|from|session|logged|is|was|with|and|the|to)$/i;

/** Firewalls write no program's name: what stands alone before the message is the host's. */
const namedAlone = turned(fromSyslog('app'), (value) =>
  /^(?:%|cisco|127\.)|-\d-\d{6}/i.test(String(value)) ? undefined : value,
);

const threat = turned('ThreatName', (value) => (value === 'Unknown' ? undefined : value));
const ofFile = joined(' ', 'FileDirection', 'FileAction', 'FileName');

export const cisco = product({
  name: 'cisco_firewall',
  title: 'Cisco ASA and Firepower (FTD)',
  reference: 'https://www.cisco.com/c/en/us/td/docs/security/asa/syslog/asa-syslog.html',
  recognise: text((message, { syslog }) => {
    // the tag may have been taken for the program's name
    const line = message.includes('%') ? message : `${syslog.app ?? ''}: ${message}`;
    const tag = MESSAGE.exec(line.slice(0, 2000));
    if (!tag) return undefined;
    const said = line.slice(tag.index + tag[0].length).slice(0, 20_000);
    const pairs = readColonPairs(said);
    const structured = 'SrcIP' in pairs || 'DstIP' in pairs || 'DeviceUUID' in pairs;
    const user = [...said.matchAll(USER)].map(([, name = '']) => name).find((name) => !NO_USER.test(name));
    return {
      ...{ family: tag[1], level: tag[2], id: tag[3], said: said.trim() },
      ...(structured ? pairs : { ...ends(said), ...(user === undefined ? {} : { account: user }) }),
    };
  }),
  fields: {
    timestamp: [fromSyslog('timestamp'), 'FirstPacketSecond'],
    rule_id: ['SID', 'id'],
    rule_name: [
      'Message',
      threat,
      'AccessControlRuleName',
      ofFile,
      turned('said', (value) => String(value).slice(0, 120)),
    ],
    title: ['Message', threat, ofFile, turned('said', (value) => String(value).slice(0, 200))],
    // Cisco's levels are those of syslog, but its own for each message
    severity: [
      byTable('Priority', { high: 'high', medium: 'medium', low: 'low', 1: 'high', 2: 'medium', 3: 'low' }),
      bySteps(
        turned('level', (value) => -Number(value)),
        { low: -7, medium: -4, high: -3, critical: -1 },
      ),
    ],
    src_ip: ['SrcIP', 'src'],
    src_port: ['SrcPort', 'sport'],
    dest_ip: ['DstIP', 'dst'],
    dest_port: ['DstPort', 'dport'],
    hostname: [fromSyslog('host'), namedAlone],
    username: [turned('User', (value) => (/^No Authentication/i.test(String(value)) ? undefined : value)), 'account'],
    url: ['URL', 'URI', 'link'],
    domain: [hostOf(['URL', 'URI', 'link']), 'DNSQuery', 'ReferencedHost', 'listed'],
    file_name: 'FileName',
    file_hashes: 'FileSHA256',
    bytes_out: 'InitiatorBytes',
    outcome: [
      byTable(['AccessControlRuleAction', 'FileAction', 'InlineResult'], {
        ...{
          block: 'blocked',
          'block with reset': 'blocked',
          blocked: 'blocked',
          dropped: 'blocked',
          'would have dropped': 'allowed',
          'malware block': 'blocked',
        },
        ...{ allow: 'allowed', trust: 'allowed', 'malware cloud lookup': 'allowed', 'block malware': 'blocked' },
      }),
      turned('said', (value) =>
        /\b(?:rejected|failed|invalid password|login denied)\b/i.test(String(value))
          ? 'failure'
          : /^(?:deny|denied|dropp|block)/i.test(String(value).trim())
            ? 'blocked'
            : undefined,
      ),
    ],
    event_class: [
      turned('id', (value) => String(value)),
      'IPReputationSICategory',
      'URLSICategory',
      'DNSSICategory',
      turned('Classification', (value) => String(value)),
    ],
  },
});
