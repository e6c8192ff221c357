import type { Alert } from '../alert';
import { account, place, type CorrelationFields } from '../correlation-values';
import { isAlarming, isProven } from '../earlier';
import { firstMatch } from '../first-match';
import { scannerAt } from '../known-scanners';
import { FILE_TYPES } from '../observable';
import type { CaseFacts, OwnSignal, Playbook } from '../playbook';
import type { SiteKnowledge } from '../site';
import type { Assessment } from '../verdict';
import { allowedPair, destinationsOf, sourcesOf } from './admin-pairs';
import { criticalHosts, named, lookups, privilegedUsers, sameHost, signal, unique, usersOf } from './case';
import { atOffHours, earlierAlarms, isTied, lookAtEarlier, type Tie } from './context';
import { hostsInCommand, isInside } from './ends';
import { phrase } from './phrase';

/** Programs that run commands on another host, under the names they leave in process lists. */
const REMOTE_EXEC =
  /\b(?:psexe(?:c64|c|svc)|paexec|remcom(?:svc)?|wmiexec|smbexec|atexec|dcomexec|winrs|wsmprovhost|wmiprvse|crackmapexec|netexec|evil-winrm|rdpclip|mstsc|wmic|enter-pssession|invoke-command)\b/i;
/** Those of them that hardly anything else is named after. */
const TELLING_TOOLS = /\b(?:psexec|paexec|psexesvc|wmiexec|smbexec|atexec|winrs|wsmprovhost)/i;
/** What takes over accounts; no site allows it to its administrators. Names that mean nothing else, wherever they stand. */
const THEFT_TOOLS =
  /\b(?:mimikatz|sekurlsa|lsadump|ntdsutil|secretsdump|pypykatz|lazagne|rubeus|dcsync|hashdump|kerberoast\w*|golden.?ticket|(?:over)?pass.?the.?(?:hash|ticket|key)|reg(?:\.exe)?\s+save\s+hklm)\b/i;
/** Words that tell of it where somebody says what happened; in a log they stand for the routine as well. */
const THEFT_WORDS =
  /\b(?:lsass|comsvcs|ntds\.dit|(?<!\.)pth|overpass|(?:credential|password|hash).?(?:dump|theft|stealing)\w*|dump\w*.{0,20}credentials?)\b/i;
/** What an allowed pair does is told, and counts little. */
const ALLOWED_POINTS = 2;

/** True when the site allows what every one of the alerts reports. */
function allowed({ alerts, site }: CaseFacts): boolean {
  return alerts.every((alert) => allowedPair(alert, site) !== undefined);
}

/** True when an administrator of this site is at work, as far as the alerts tell. */
function atLeave(facts: CaseFacts): boolean {
  return allowed(facts) && theft(facts) === undefined;
}

function weigh(facts: CaseFacts, name: string, points: number, sentence: string): OwnSignal {
  if (!atLeave(facts)) return signal(name, points, sentence);
  return signal(name, Math.min(points, ALLOWED_POINTS), `${sentence}; the site allows this pair`);
}

function remoteExec(facts: CaseFacts): OwnSignal[] {
  const texts = facts.alerts.flatMap(({ process, command_line, parent_process }) => [
    process,
    parent_process,
    command_line,
  ]);
  const tool = firstMatch(texts, REMOTE_EXEC);
  return tool === undefined ? [] : [weigh(facts, 'remote_exec_tool', 30, `${tool} runs programs on other hosts`)];
}

const THEFT_TECHNIQUES = /^T1(?:003|550|558)(?:\.|$)/;

/** The words, or the techniques, by which alerts tell of stolen credentials. */
function theft({ alerts }: CaseFacts): string | undefined {
  const said = alerts.flatMap(({ command_line, title, rule_name, description, file_name, tags = [] }) => [
    ...[command_line, title, rule_name, description, file_name],
    ...tags,
  ]);
  const logged = alerts.flatMap(({ process, raw_log }) => [process, raw_log]);
  const technique = alerts.flatMap(({ mitre = [] }) => mitre).find((id) => THEFT_TECHNIQUES.test(id));
  return firstMatch([...said, ...logged], THEFT_TOOLS) ?? firstMatch(said, THEFT_WORDS) ?? technique;
}

function stolenCredentials(facts: CaseFacts): OwnSignal[] {
  const words = theft(facts);
  return words === undefined ? [] : [signal('credential_theft', 25, `The alert tells of stolen credentials: ${words}`)];
}

function adminAccount(facts: CaseFacts): OwnSignal[] {
  const users = privilegedUsers(facts);
  return users.length > 0 ? [weigh(facts, 'admin_account', 20, `${named(users, '')} is a privileged account`)] : [];
}

function endsOf({ alerts }: CaseFacts): { from: string[]; to: string[] } {
  const first = (lists: string[][]) => [...new Set(lists.flatMap((names) => names.slice(0, 1)))];
  return { from: first(alerts.map(sourcesOf)), to: first(alerts.map(destinationsOf)) };
}

function pairing(facts: CaseFacts): OwnSignal[] {
  if (allowed(facts)) return [];
  const { from, to } = endsOf(facts);
  const sentence = `No allow-listed pair covers ${named(usersOf(facts), 'this account')} from ${named(from, 'an unnamed host')} to ${named(to, 'an unnamed host')}`;
  return [signal('new_pair', 10, sentence)];
}

function criticality(facts: CaseFacts): OwnSignal[] {
  const hosts = criticalHosts(facts);
  return hosts.length > 0 ? [weigh(facts, 'critical_host', 15, `${named(hosts, '')} is a critical host`)] : [];
}

/** Of a pair that the site allows only its ends count, by name and by address: accounts are named by many. */
function tying(facts: CaseFacts): Tie {
  return { types: atLeave(facts) ? ['host', 'ip'] : ['host', 'user', 'ip'] };
}

/** What the site allows at any hour is no sign at night either. */
function atNight(facts: CaseFacts): OwnSignal[] {
  return atLeave(facts) ? [] : atOffHours(facts, 10);
}

/** Earlier incidents in which harm was proven on an end of this one; a host may have been named otherwise there. */
function provenOnAnEnd(facts: CaseFacts): string[] {
  const ends = facts.alerts.flatMap((alert) => [...sourcesOf(alert), ...destinationsOf(alert)]);
  return facts.earlier
    .filter((one) => isAlarming(one) && isProven(one))
    .filter(
      (one) =>
        isTied(one, { types: ['host', 'ip'] }) || one.hosts.some((host) => ends.some((end) => sameHost(end, host))),
    )
    .map(({ id }) => id);
}

/** What a command names that is not here: an administrator who fetches from the Internet may be somebody else. */
function namedOutside({ alerts, site }: CaseFacts): string[] {
  const hosts = alerts.flatMap(({ command_line }) => hostsInCommand(command_line));
  return unique(hosts.filter((host) => !isInside(host, site)));
}

/** Why the pair that covers it is no leave for this. */
function leaveEnds(facts: CaseFacts): string | undefined {
  const words = theft(facts);
  if (words !== undefined) return `it tells of stolen credentials: ${words}`;
  // a host on which harm was proven may be somebody else's by now, whatever its pair allows
  const proven = provenOnAnEnd(facts);
  if (proven.length > 0) return `harm was proven on one of its hosts the same day: ${named(proven, '')}`;
  const outside = namedOutside(facts);
  return outside.length > 0 ? `its command names a place outside: ${named(outside, '')}` : undefined;
}

function staysOpen(facts: CaseFacts): string | undefined {
  const why = allowed(facts) ? leaveEnds(facts) : undefined;
  return why === undefined ? undefined : `The site allows this admin pair, but ${why}.`;
}

function allowListed(facts: CaseFacts): string | undefined {
  const { alerts, site } = facts;
  const pairs = alerts.map((alert) => allowedPair(alert, site));
  const [pair] = pairs;
  if (!pair || pairs.includes(undefined) || leaveEnds(facts) !== undefined) return undefined;
  const any = (word: string) => (word === '*' ? 'any' : word);
  return `${any(pair.user)} from ${any(pair.source)} to ${any(pair.destination)} is an allow-listed admin pair`;
}

function recommend(facts: CaseFacts, { verdict }: Assessment): string[] {
  const { from, to } = endsOf(facts);
  const [source, target] = [named(from, 'the source host'), named(to, 'the target host')];
  const user = named(usersOf(facts), 'the account');
  if (verdict === 'benign') return [`Nothing to do: ${user} administers ${target} from ${source}.`];
  return [
    `Ask whoever holds ${user} whether they worked on ${target} from ${source}.`,
    `If not: disable ${user} and isolate ${source}.`,
    `Review new services, tasks and logons of ${user} on ${target}.`,
    ...(allowed(facts) ? [] : [`If it is regular work, add the pair to the site's admin pairs.`]),
  ];
}

/** From where, and under whose name. */
function correlatesBy(alert: Alert, site: SiteKnowledge): CorrelationFields | undefined {
  if (scannerAt(alert.src_ip, site) !== undefined) return undefined;
  const source = place(alert.src_ip, alert.src_hostname);
  const username = account(alert.username ?? alert.dest_username);
  return source === undefined ? undefined : { source, ...(username === undefined ? {} : { username }) };
}

export const lateralMovement: Playbook = {
  type: 'lateral_movement',
  title: 'Lateral movement',
  headline: ({ username, src_ip, src_hostname, dest_hostname, dest_ip, domain, hostname, host_ip }) =>
    phrase({
      by: username,
      from: src_ip ?? src_hostname,
      to: dest_hostname ?? dest_ip ?? domain ?? hostname ?? host_ip,
    }),
  techniques: [
    { id: 'T1021' },
    { id: 'T1569.002', when: ['remote_exec_tool'] },
    { id: 'T1078', when: ['admin_account'] },
    { id: 'T1550', when: ['credential_theft'] },
    { id: 'T1003', when: ['credential_theft'] },
  ],
  recognisedBy: {
    techniques: ['T1021', 'T1570', 'T1550', 'T1563', 'T1210', 'T1072', 'T1080'],
    words:
      /lateral.?move|pass.?the.?(?:hash|ticket)|psexec|psexesvc|wmiexec|smbexec|remote (?:service|execution|exec\b|task)|admin(?:istrative)? share|golden.?ticket|overpass/i,
    fields: [
      {
        confidence: 0.6,
        reason: 'a tool for running programs on other hosts was used',
        holds: ({ process = '', command_line = '' }) =>
          TELLING_TOOLS.test(process) || TELLING_TOOLS.test(command_line.slice(0, 10_000)),
      },
    ],
  },
  correlatesBy,
  observables: (facts) =>
    lookups(
      facts,
      { types: ['ip'], roles: ['source'] },
      { types: ['ip'], roles: ['destination', 'alerted_host'] },
      { types: ['host'], roles: ['source', 'destination', 'alerted_host'] },
      { types: ['user'], roles: ['user', 'target_user'] },
      { types: FILE_TYPES, roles: ['file'] },
    ),
  // A harmless address says nothing of what its user does: only the site's own list clears a pair.
  mustBeClean: () => [],
  signals: (facts) => [
    ...remoteExec(facts),
    ...stolenCredentials(facts),
    ...adminAccount(facts),
    ...pairing(facts),
    ...criticality(facts),
    ...atNight(facts),
    ...earlierAlarms(facts, tying(facts), 30),
  ],
  clean: allowListed,
  closesWhen: (facts, { verdict }) =>
    verdict === 'benign' && allowed(facts) && staysOpen(facts) === undefined
      ? 'It is benign, and the site allows this admin pair.'
      : undefined,
  staysOpenWhen: (facts, { complete }) => (complete ? staysOpen(facts) : undefined),
  escalatesWhen: (_facts, { verdict }) =>
    verdict === 'suspicious' || verdict === 'malicious' ? `Movement between hosts is ${verdict}.` : undefined,
  recommendations: (facts, assessment) => [...recommend(facts, assessment), ...lookAtEarlier(facts, tying(facts))],
};
