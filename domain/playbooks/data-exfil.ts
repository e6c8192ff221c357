import { isWithin, registeredDomain } from '../hostnames';
import { inRanges } from '../network';
import { normaliseLink } from '../normalise';
import { staysInside, type Observable } from '../observable';
import type { CaseFacts, OwnSignal, Playbook } from '../playbook';
import type { Assessment } from '../verdict';
import { bytes, hostsOf, lookups, named, pick, signal, usersOf, type Wanted } from './case';

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

function sent({ alerts }: CaseFacts): number {
  return alerts.reduce((sum, { bytes_out = 0 }) => sum + bytes_out, 0);
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

function hostOf({ type, value }: Observable): string {
  return type === 'url' ? (normaliseLink(value)?.host ?? value) : value;
}

function isKnown(destination: Observable, { site }: CaseFacts): boolean {
  const host = hostOf(destination);
  return inRanges(host, site.known_destinations) || isWithin(host, site.known_destinations);
}

/** Known when every destination is: by name or address, or an inside one. An address behind a known name is known by it. */
function knownDestination(facts: CaseFacts): boolean {
  const all = destinations(facts);
  const names = all.filter(({ type }) => type !== 'ip');
  const judged = names.length > 0 ? names : all;
  return judged.length > 0 && judged.every((one) => isKnown(one, facts) || staysInside(one));
}

function volume(facts: CaseFacts): OwnSignal[] {
  const [count, large] = [sent(facts), facts.site.large_transfer_bytes];
  if (count < large) return [];
  const sentence = `${bytes(count)} went out; ${bytes(large)} are much here`;
  if (knownDestination(facts)) return [signal('large_transfer', 10, `${sentence}, but to a known destination`)];
  return [signal('large_transfer', count >= large * FLOOD ? 45 : 35, sentence)];
}

function destinationKind(facts: CaseFacts): OwnSignal[] {
  const site = destinations(facts).find((one) => isWithin(hostOf(one), DROP_SITES) && !isKnown(one, facts));
  if (!site) return [];
  const name = registeredDomain(hostOf(site));
  return [signal('drop_site', 15, `${name} is personal cloud storage, a file drop or a paste site`)];
}

function copyTool(facts: CaseFacts): OwnSignal[] {
  const texts = facts.alerts.flatMap(({ process, command_line }) => [process, command_line]);
  const tool = texts
    .map((text) => COPY_TOOLS.exec((text ?? '').slice(0, 10_000))?.[0])
    .find((hit) => hit !== undefined);
  return tool === undefined
    ? []
    : [signal('copy_tool', 20, `${tool.split(/\s/)[0] ?? tool} was used, which copies in bulk or hides a transfer`)];
}

function small(facts: CaseFacts): boolean {
  return sent(facts) < facts.site.large_transfer_bytes;
}

function clean(facts: CaseFacts): string | undefined {
  if (!knownDestination(facts)) return undefined;
  return `${named(destinations(facts).map(hostOf), 'the destination')} is a known destination of this site`;
}

function escalates(facts: CaseFacts, { verdict }: Assessment): string | undefined {
  if (verdict === 'malicious') return 'The destination is malicious.';
  if (small(facts) || knownDestination(facts)) return undefined;
  return `${bytes(sent(facts))} went to a destination that the site does not know.`;
}

function recommend(facts: CaseFacts, { verdict }: Assessment): string[] {
  const to = named([...new Set(destinations(facts).map(hostOf))], 'the destination');
  const host = named(hostsOf(facts), 'the host');
  const user = named(usersOf(facts), 'the user');
  if (verdict === 'benign') return [`Nothing to do: ${host} sends to ${to} as it should.`];
  return [
    `Ask ${user} what was sent from ${host} to ${to}.`,
    ...(verdict === 'malicious' ? [`Isolate ${host} and disable ${user} until that is known.`] : []),
    `Block ${to} at proxy and firewall.`,
    `Find out which files ${user} read on ${host} before the transfer; inform the data protection officer if personal data left.`,
  ];
}

export const dataExfil: Playbook = {
  type: 'data_exfil',
  title: 'Data exfiltration',
  techniques: ['T1041', 'T1048', 'T1567', 'T1567.002', 'T1020'],
  observables: (facts) => lookups(facts, ...WANTED),
  signals: (facts) => [...volume(facts), ...destinationKind(facts), ...copyTool(facts)],
  clean,
  closesWhen: (facts, { verdict }) =>
    verdict === 'benign' && small(facts) && knownDestination(facts)
      ? 'It is benign: little went to a known destination.'
      : undefined,
  escalatesWhen: escalates,
  recommendations: recommend,
};
