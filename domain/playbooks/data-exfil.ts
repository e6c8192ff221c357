import { toldKind } from '../about';
import type { Alert } from '../alert';
import { account, linkTarget, place, type CorrelationFields } from '../correlation-values';
import { firstMatch } from '../first-match';
import { isWithin, registeredDomain } from '../hostnames';
import { mailAddresses } from '../mail-addresses';
import { inRanges, normaliseIp } from '../network';
import { accountName } from '../normalise';
import { FILE_TYPES, observableId, staysInside, type Observable } from '../observable';
import type { CaseFacts, OwnSignal, Playbook } from '../playbook';
import { isReference } from '../references';
import type { SiteKnowledge } from '../site';
import type { Assessment } from '../verdict';
import { bytes, hostsOf, lookups, named, pick, signal, unique, usersOf, type Wanted } from './case';
import {
  atOffHours,
  earlierAlarms,
  lookAtEarlier,
  onceForAll,
  provenSharing,
  type Tie,
  watchedCountry,
  youngDomains,
} from './context';
import { hostNamed, hostsInCommand, isInside, linkedHosts } from './ends';
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

function isKnownHost(host: string, { known_destinations }: SiteKnowledge): boolean {
  return inRanges(host, known_destinations) || isWithin(host, known_destinations);
}

function isKnown(destination: Observable, { site }: CaseFacts): boolean {
  return isKnownHost(hostOf(destination), site);
}

/** Every destination given, by address, name and link: an address beside a known name may be another's. */
function mustBeClean(facts: CaseFacts): Observable[] {
  return withoutLinkedHosts(lookups(facts, ...WANTED), facts);
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
function stray({ alerts, site }: CaseFacts): Alert[] {
  return alerts.filter((alert) => !isWayOfOurs(alert, site));
}

function isWayOfOurs(alert: Alert, site: SiteKnowledge): boolean {
  const ends = endsOf(alert);
  const outside = ends.filter((end) => !isInside(end, site));
  if (outside.length === 0) return ends.length > 0;
  const isListed = (end: string) => isKnownHost(end, site);
  return outside.some(isListed) && outside.every((end) => isListed(end) || normaliseIp(end) !== undefined);
}

function goesWhereItShould(facts: CaseFacts): boolean {
  return stray(facts).length === 0;
}

/** Bytes that went to destinations which the site does not know. */
function strayed(facts: CaseFacts): number {
  return sent({ ...facts, alerts: stray(facts) });
}

/** Below these stand the names of rented machines and of the edges of content delivery networks. */
const MACHINE_NAMES: readonly string[] = [
  ...['compute.amazonaws.com', 'compute-1.amazonaws.com', 'r.cloudfront.net', '1e100.net', 'bc.googleusercontent.com'],
  ...['deploy.static.akamaitechnologies.com', 'cloudapp.azure.com'],
];

/** True for a name that says no more than the address it resolves from, such as `ec2-192-0-2-1.compute.example`. */
function isNameOf(address: string, name: string): boolean {
  const numbers = address.split('.');
  const written = name.split(/[.-]/).join('.');
  const carries = (parts: string[]) => parts.length === 4 && `.${written}.`.includes(`.${parts.join('.')}.`);
  return carries(numbers) || carries(numbers.toReversed()) || isWithin(name, MACHINE_NAMES);
}

/**
 * The hosts that an alert names as destinations. Where a domain and an address are given, a host name may be only what the
 * address resolves to.
 */
function endsOf(alert: Alert): string[] {
  const [address, name, domain] = [alert.dest_ip, alert.dest_hostname, alert.domain].map(hostNamed);
  const isReverse = domain !== undefined && address !== undefined && name !== undefined && isNameOf(address, name);
  return [address, isReverse ? undefined : name, domain, ...linkedHosts(alert)].filter((end) => end !== undefined);
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

function toolIn(texts: readonly (string | undefined)[]): string | undefined {
  return firstMatch(texts, COPY_TOOLS)?.split(/\s/)[0];
}

function copyTool(facts: CaseFacts): OwnSignal[] {
  const texts = facts.alerts.flatMap(({ process, command_line }) => [process, command_line]);
  const tool = toolIn(texts);
  if (tool === undefined) return [];
  const sentence = `${tool} was used, which copies in bulk or hides a transfer`;
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
  return onceForAll('rented_destination', 10, found, ({ network }, several) => {
    const owner = network === undefined ? '' : ` (${network})`;
    return `${several ? 'rented machines' : 'a rented machine'} without a name${owner}`;
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

/** Drop sites of which the name is one of a script as well, so that nothing else reads it in a text. */
const DROPS_IN_TEXT = /(?<![\w./-])(?:transfer|temp)\.sh(?![\w-])/i;

/** Places and people outside that the texts name, and the site does not know. */
function namedBeside(facts: CaseFacts): string[] {
  const { alerts, observables, site } = facts;
  const known = [...site.own_domains, ...site.known_destinations];
  const mentioned = observables.filter(
    (one) => one.roles.includes('mentioned') && !staysInside(one) && !isReference(one),
  );
  const places = mentioned.filter(({ type }) => type === 'url' || type === 'domain' || type === 'ip');
  const people = mentioned.filter(({ type, value }) => type === 'email' && !isWithin(domainOf(value), known));
  const commanded = alerts.flatMap(({ command_line }) => hostsInCommand(command_line));
  const told = alerts.flatMap(({ title, description, command_line }) => [title, description, command_line]);
  return unique([
    ...places.filter((one) => !isKnown(one, facts)).map(hostOf),
    ...people.map(({ value }) => value),
    ...commanded.filter((host) => !isInside(host, site) && !isKnownHost(host, site)),
    ...[firstMatch(told, DROPS_IN_TEXT)].filter((drop) => drop !== undefined),
  ]);
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** Fields that name a recipient whom the site does not know, or nobody that can be read. */
function strangeRecipients({ alerts, site }: CaseFacts): string[] {
  const known = [...site.own_domains, ...site.known_destinations];
  const isKnownOne = (address: string | undefined) => address !== undefined && isWithin(domainOf(address), known);
  return alerts.flatMap(({ email_to = [] }) => email_to).filter((text) => !mailAddresses(text).every(isKnownOne));
}

/** A tool that copies in bulk, by a command that does not say that it goes where the alert has it go. */
function aimlessCopy({ alerts, site }: CaseFacts): string | undefined {
  const isAimed = (command: string | undefined) =>
    hostsInCommand(command).some((host) => isInside(host, site) || isKnownHost(host, site));
  return toolIn(alerts.map(({ command_line }) => (isAimed(command_line) ? undefined : command_line)));
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

/** What a known destination does not explain. */
function notExplained(facts: CaseFacts): string | undefined {
  const proven = provenSharing(facts, { types: ['host'] });
  if (proven.length > 0) return `harm was proven on its host the same day: ${named(proven, '')}`;
  const beside = [...namedBeside(facts), ...strangeRecipients(facts)];
  if (beside.length > 0) return `the site does not know what else is named: ${named(beside, '')}`;
  const tool = aimlessCopy(facts);
  if (tool !== undefined) return `the command of ${tool} does not name it`;
  if (large(facts)) return `${bytes(sent(facts))} are much here`;
  if (!small(facts)) return 'no alert says how much went there';
  return goesWhereItShould(facts) ? undefined : 'not every alert says where it went';
}

/** A harmless destination alone does not make a transfer wanted. */
function staysOpen(facts: CaseFacts): string | undefined {
  if (!knownDestination(facts)) return 'Nothing accuses the destination, but the site does not know it.';
  const why = notExplained(facts);
  return why === undefined ? undefined : `The destination is known, but ${why}.`;
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
  const ask = `Ask ${user} what was sent from ${host} to ${to}.`;
  if (verdict === 'benign')
    return staysOpen(facts) === undefined ? [`Nothing to do: ${host} sends to ${to} as it should.`] : [ask];
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
    verdict === 'benign' && staysOpen(facts) === undefined
      ? 'It is benign: little went to a known destination.'
      : undefined,
  staysOpenWhen: (facts, { verdict, complete }) => (verdict === 'benign' && complete ? staysOpen(facts) : undefined),
  escalatesWhen: escalates,
  recommendations: (facts, assessment) => [...recommend(facts, assessment), ...lookAtEarlier(facts, TYING)],
};
