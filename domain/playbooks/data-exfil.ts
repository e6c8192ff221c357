import { toldKind } from '../about';
import type { Alert } from '../alert';
import { account, linkTarget, place, type CorrelationFields } from '../correlation-values';
import { firstMatch } from '../first-match';
import { isWithin, normaliseHostname, registeredDomain } from '../hostnames';
import { inRanges, normaliseIp } from '../network';
import { accountName, normaliseLink } from '../normalise';
import { FILE_TYPES, observableId, staysInside, type Observable } from '../observable';
import type { CaseFacts, OwnSignal, Playbook } from '../playbook';
import type { Assessment } from '../verdict';
import { bytes, hostsOf, lookups, named, pick, signal, unique, usersOf, type Wanted } from './case';
import {
  atOffHours,
  earlierAlarms,
  lookAtEarlier,
  onceForAll,
  type Tie,
  watchedCountry,
  youngDomains,
} from './context';
import { phrase } from './phrase';
import { accused, hostOf, outsiders, withoutLinkedHosts } from './suspects';

/** Where people put what should not leave: personal cloud storage, file drops, paste sites. */
const DROP_SITES: readonly string[] = [
  'dropbox.com',
  'mega.nz',
  'mega.io',
  'wetransfer.com',
  'mediafire.com',
  'box.com',
  'onedrive.live.com',
  '1drv.ms',
  'drive.google.com',
  'icloud.com',
  'pcloud.com',
  'sync.com',
  'file.io',
  'transfer.sh',
  'gofile.io',
  'anonfiles.com',
  'sendspace.com',
  'temp.sh',
  'catbox.moe',
  '0x0.st',
  'pastebin.com',
  'ghostbin.com',
  'paste.ee',
  'dpaste.com',
  'ix.io',
  'bashupload.com',
  'api.telegram.org',
  'discord.com',
  'discordapp.com',
  'ngrok.io',
  'ngrok-free.app',
  'webhook.site',
];
const COPY_TOOLS =
  /\b(?:rclone|megacmd|mega-put|megasync|restic|winscp|pscp|filezilla|croc|dnscat2?|iodine|curl\b.{0,200}(?:\s-T|--upload-file|\s-F)|certutil\b.{0,100}-encode)/i;
const FLOOD = 10;
/** So many bytes sent make an alert one about data that leaves, where it does not say so. */
const MANY_BYTES = 50_000_000;

function sent({ alerts }: CaseFacts): number {
  return alerts.reduce((sum, { bytes_out = 0, times = 1 }) => sum + bytes_out * times, 0);
}

const WANTED: readonly Wanted[] = [
  { types: ['ip'], roles: ['destination'] },
  { types: ['domain'], roles: ['destination', 'link'] },
  { types: ['url'], roles: ['link'] },
  { types: ['ip'], roles: ['link'] },
];

function destinations(facts: CaseFacts): Observable[] {
  return pick(facts, ...WANTED);
}

function isKnown(destination: Observable, { site }: CaseFacts): boolean {
  const host = hostOf(destination);
  return inRanges(host, site.known_destinations) || isWithin(host, site.known_destinations);
}

/** Every destination given, by address, name and link: an address beside a known name may be another's. */
function mustBeClean(facts: CaseFacts): Observable[] {
  return withoutLinkedHosts(lookups(facts, ...WANTED));
}

/** By the site's list, or because it is inside; a reserved address is neither. */
function knownClean(facts: CaseFacts, destination: Observable): string | undefined {
  if (isKnown(destination, facts)) return `${hostOf(destination)} is a known destination of this site`;
  if (!staysInside(destination) || destination.flags.includes('reserved')) return undefined;
  return destination.type === 'ip'
    ? `the destination ${destination.value} is an internal address`
    : `the destination ${destination.value} is inside`;
}

function knownDestination(facts: CaseFacts): boolean {
  const all = mustBeClean(facts);
  return all.length > 0 && all.every((one) => knownClean(facts, one) !== undefined);
}

/**
 * The alerts that do not go where the site sends data. One does when all its ends are inside, or when it names a destination
 * on the site's list, and beside it none but addresses: those may be that one's.
 */
function stray(facts: CaseFacts): CaseFacts['alerts'] {
  return facts.alerts.filter((alert) => !isWayOfOurs(alert, facts));
}

function isWayOfOurs(alert: Alert, facts: CaseFacts): boolean {
  const ends = endsOf(withoutReverseName(alert)).map((end) => facts.observables.filter((one) => hostOf(one) === end));
  if (ends.length === 0) return false;
  const outside = ends.filter((end) => end.length === 0 || !end.every(staysInside));
  if (outside.length === 0) return true;
  const listed = (end: Observable[]) => end.some((one) => isKnown(one, facts));
  return outside.some(listed) && outside.every((end) => listed(end) || end.every(({ type }) => type === 'ip'));
}

function goesWhereItShould(facts: CaseFacts): boolean {
  return stray(facts).length === 0;
}

/** Bytes that went to destinations which the site does not know. */
function strayed(facts: CaseFacts): number {
  return sent({ ...facts, alerts: stray(facts) });
}

/** Where domain and address are given, the host name is mostly what the address resolves to, such as a cloud's. */
function withoutReverseName({ dest_hostname, ...alert }: Alert): Alert {
  const isReverse = alert.domain !== undefined && alert.dest_ip !== undefined;
  return dest_hostname === undefined || isReverse ? alert : { ...alert, dest_hostname };
}

/** The hosts that an alert names as destinations, as observables have them. */
function endsOf({ dest_ip, dest_hostname, domain, url, urls = [] }: Alert): string[] {
  const links = [url ?? '', ...urls].flatMap((link) => normaliseLink(link)?.host ?? []);
  const names = [dest_ip, dest_hostname, domain].flatMap((end) =>
    end === undefined ? [] : (normaliseIp(end) ?? normaliseHostname(end) ?? []),
  );
  return [...names, ...links];
}

function volume(facts: CaseFacts): OwnSignal[] {
  const { large_transfer_bytes: limit } = facts.site;
  const much = (count: number) => `${bytes(count)} went out; ${bytes(limit)} are much here`;
  const count = strayed(facts);
  if (count >= limit) return [signal('large_transfer', count >= limit * FLOOD ? 45 : 35, much(count))];
  if (!large(facts)) return [];
  return [signal('large_transfer', 10, `${much(sent(facts))}, but to a known destination`)];
}

function destinationKind(facts: CaseFacts): OwnSignal[] {
  const site = destinations(facts).find((one) => isWithin(hostOf(one), DROP_SITES) && !isKnown(one, facts));
  if (!site) return [];
  const name = registeredDomain(hostOf(site));
  return [signal('drop_site', 15, `${name} is personal cloud storage, a file drop or a paste site`)];
}

function copyTool(facts: CaseFacts): OwnSignal[] {
  const texts = facts.alerts.flatMap(({ process, command_line }) => [process, command_line]);
  const tool = firstMatch(texts, COPY_TOOLS);
  if (tool === undefined) return [];
  const sentence = `${tool.split(/\s/)[0] ?? tool} was used, which copies in bulk or hides a transfer`;
  return [signal('copy_tool', goesWhereItShould(facts) ? 5 : 20, sentence)];
}

const TYING: Tie = { types: ['host', 'user', 'ip'] };

/** Destinations outside that the site does not know. */
function strangers(facts: CaseFacts): Observable[] {
  return mustBeClean(facts).filter((one) => !staysInside(one) && knownClean(facts, one) === undefined);
}

/** A machine that anybody rents, and to which nobody gave a name. */
function rentedMachine(facts: CaseFacts): OwnSignal[] {
  if (destinations(facts).some(({ type }) => type !== 'ip')) return [];
  const found = strangers(facts).flatMap((peer) => {
    const told = toldKind(facts.told, observableId(peer), 'hosting');
    return told ? [{ peer, told }] : [];
  });
  return onceForAll('rented_destination', 10, found, (who, { told }) => {
    const owner = told.network === undefined ? '' : ` (${told.network})`;
    return `${who} is a rented machine without a name${owner}`;
  });
}

function risk(facts: CaseFacts): OwnSignal[] {
  const watched = new Set(facts.site.risky_users);
  const users = usersOf(facts).filter((user) => watched.has(user.toLowerCase()) || watched.has(accountName(user)));
  return users.length === 0 ? [] : [signal('risky_user', 20, `${named(users, '')} is under special watch here`)];
}

/** To where data normally goes, it goes at night too. */
function atNight(facts: CaseFacts): OwnSignal[] {
  return goesWhereItShould(facts) ? [] : atOffHours(facts, 10);
}

/** The text names a place outside, or a mail goes to somebody, that the site does not know. */
function tellsOfMore(facts: CaseFacts): boolean {
  const { own_domains, known_destinations } = facts.site;
  const places = facts.observables.filter(
    (one) => one.roles.includes('mentioned') && (one.type === 'url' || one.type === 'domain') && !staysInside(one),
  );
  const recipients = facts.alerts.flatMap(({ email_to = [] }) => email_to);
  const isKnownRecipient = (address: string) =>
    isWithin(address.slice(address.lastIndexOf('@') + 1).toLowerCase(), [...own_domains, ...known_destinations]);
  return places.some((one) => !isKnown(one, facts)) || !recipients.every(isKnownRecipient);
}

/** False also when an alert does not say how much: unknown is not little. */
function small(facts: CaseFacts): boolean {
  return facts.alerts.every(({ bytes_out }) => bytes_out !== undefined) && !large(facts);
}

function large(facts: CaseFacts): boolean {
  return sent(facts) >= facts.site.large_transfer_bytes;
}

function escalates(facts: CaseFacts, { verdict }: Assessment): string | undefined {
  if (verdict === 'malicious') return 'The destination is malicious.';
  const count = strayed(facts);
  if (count < facts.site.large_transfer_bytes) return undefined;
  return `${bytes(count)} went to a destination that the site does not know.`;
}

/** A harmless destination alone does not make a transfer wanted. */
function staysOpen(facts: CaseFacts, { verdict, complete }: Assessment): string | undefined {
  if (verdict !== 'benign' || !complete) return undefined;
  if (!knownDestination(facts)) return 'Nothing accuses the destination, but the site does not know it.';
  if (large(facts)) return `The destination is known, but ${bytes(sent(facts))} are much here.`;
  return small(facts) ? undefined : 'The destination is known, but no alert says how much went there.';
}

function recommend(facts: CaseFacts, assessment: Assessment): string[] {
  const { verdict } = assessment;
  const all = unique([
    ...destinations(facts).map(hostOf),
    ...accused(assessment, ['ip', 'domain']),
    ...mustBeClean(facts).map(hostOf),
  ]);
  const to = named(all, 'the destination');
  const host = named(hostsOf(facts), 'the host');
  const user = named(usersOf(facts), 'the user');
  const open = staysOpen(facts, assessment);
  if (verdict === 'benign' && open === undefined) return [`Nothing to do: ${host} sends to ${to} as it should.`];
  const ask = `Ask ${user} what was sent from ${host} to ${to}.`;
  if (verdict === 'benign') return [ask];
  const outside = outsiders(facts, all);
  return [
    ask,
    ...(verdict === 'malicious' ? [`Isolate ${host} and disable ${user} until that is known.`] : []),
    ...(verdict !== 'unknown' && outside.length > 0 ? [`Block ${named(outside, '')} at proxy and firewall.`] : []),
    `Find out which files ${user} read on ${host} before the transfer; inform the data protection officer if personal data left.`,
  ];
}

/** Who sends, and to where. */
function correlatesBy(alert: Alert): CorrelationFields | undefined {
  const { hostname, host_ip, src_hostname, src_ip, domain, dest_hostname, dest_ip, url, urls = [] } = alert;
  const source = place(hostname, host_ip, src_hostname, src_ip) ?? account(alert.username);
  const linked = [url, ...urls].map(linkTarget).find((target) => target !== undefined);
  const destination = place(domain, dest_hostname, dest_ip) ?? (linked && Object.values(linked)[0]);
  return source === undefined || destination === undefined ? undefined : { source, destination };
}

export const dataExfil: Playbook = {
  type: 'data_exfil',
  title: 'Data exfiltration',
  headline: ({ hostname, host_ip, src_ip, src_hostname, dest_hostname, dest_ip, domain, url }) =>
    phrase({ from: hostname ?? host_ip ?? src_ip ?? src_hostname, to: dest_hostname ?? dest_ip ?? domain ?? url }),
  techniques: [{ id: 'T1048' }, { id: 'T1567.002', when: ['drop_site'] }, { id: 'T1020', when: ['copy_tool'] }],
  recognisedBy: {
    techniques: ['T1041', 'T1048', 'T1567', 'T1020', 'T1537', 'T1052', 'T1030', 'T1029', 'T1011', 'T1560'],
    words:
      /exfil|data (?:loss|leak|theft|transfer)|\bDLP\b|large (?:upload|transfer|outbound)|unusual (?:upload|data|outbound volume)|dns.?tunnel|mass.?download/i,
    fields: [
      {
        confidence: 0.6,
        reason: 'it counts many bytes sent out',
        holds: ({ bytes_out = 0 }) => bytes_out >= MANY_BYTES,
      },
    ],
  },
  correlatesBy,
  observables: (facts) => [...lookups(facts, ...WANTED), ...pick(facts, { types: FILE_TYPES, roles: ['file'] })],
  signals: (facts) => [
    ...volume(facts),
    ...destinationKind(facts),
    ...rentedMachine(facts),
    ...copyTool(facts),
    ...risk(facts),
    ...atNight(facts),
    ...youngDomains(facts, pick(facts, { types: ['domain'], roles: ['destination', 'link'] }), 15),
    ...watchedCountry(facts, strangers(facts), 15),
    ...earlierAlarms(facts, TYING, 20),
  ],
  mustBeClean,
  knownClean,
  closesWhen: (facts, { verdict }) =>
    verdict === 'benign' && small(facts) && knownDestination(facts) && goesWhereItShould(facts) && !tellsOfMore(facts)
      ? 'It is benign: little went to a known destination.'
      : undefined,
  staysOpenWhen: staysOpen,
  escalatesWhen: escalates,
  recommendations: (facts, assessment) => [...recommend(facts, assessment), ...lookAtEarlier(facts, TYING)],
};
