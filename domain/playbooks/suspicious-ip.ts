import type { Alert } from '../alert';
import { address, place, type CorrelationFields } from '../correlation-values';
import { PUBLIC_DNS } from '../guard-own';
import { KNOWN_SCANNERS } from '../guard-table';
import { hostFlags } from '../hostnames';
import { abusedLeave, atScannersLeave, scannerAt, SITE_SCANNERS } from '../known-scanners';
import { ipFlags } from '../network';
import { FILE_TYPES, observableId, staysInside, type Observable, type ObservableRole } from '../observable';
import type { CaseFacts, OwnSignal, Playbook } from '../playbook';
import { isReference } from '../references';
import type { SiteKnowledge } from '../site';
import type { Assessment, Verdict } from '../verdict';
import {
  anyAlert,
  criticalHosts,
  executed,
  hostsOf,
  named,
  lookups,
  pick,
  signal,
  unique,
  unseenFiles,
  valuesOf,
  type Wanted,
} from './case';
import { isInbound, isOutbound } from './direction';
import { earlierAlarms, lookAtEarlier, type Tie, torExit, watchedCountry, youngDomains } from './context';
import { phrase } from './phrase';
import { accused, outsiders, withoutLinkedHosts } from './suspects';

/** Ports that remote-control programs listen on by default, and hardly anything else does. */
const ODD_PORTS: ReadonlySet<number> = new Set([1337, 4444, 5555, 6666, 6667, 9001, 9030, 31337, 50050]);

/** The list of well-known public resolvers. */
const RESOLVERS = 'public-dns';

/** For what leaves, the peer outside is the destination; else it is the source. */
function endsOf(facts: CaseFacts): readonly ObservableRole[] {
  return isOutbound(facts) ? ['destination', 'source'] : ['source', 'destination'];
}

/** Addresses and names of the peers, those outside first, addresses before names. */
function peers(facts: CaseFacts): Observable[] {
  const ips = lookups(facts, ...endsOf(facts).map((role): Wanted => ({ types: ['ip'], roles: [role] })));
  const wanted: Wanted[] = [
    ...endsOf(facts).map((role): Wanted => ({ types: ['domain'], roles: [role] })),
    { types: ['url', 'domain', 'ip'], roles: ['link'] },
  ];
  const names = ips.length > 0 ? pick(facts, ...wanted) : lookups(facts, ...wanted);
  const all = [...new Set([...ips, ...names])];
  return [...all.filter((one) => !staysInside(one)), ...all.filter(staysInside)];
}

/** Every public peer, whichever stands first; the name that a source's address resolves to is no peer of its own. */
function mustBeClean(facts: CaseFacts): Observable[] {
  const outside = withoutLinkedHosts(peers(facts), facts).filter((one) => !staysInside(one));
  const addressed = outside.some(({ type }) => type === 'ip');
  const named = outside.filter(
    ({ type, roles }) =>
      type !== 'domain' || !addressed || roles.some((role) => role !== 'source' && role !== 'mentioned'),
  );
  // a file beside a harmless address is not harmless by it; without an address outside nothing is shown
  return named.length === 0 ? named : [...named, ...pick(facts, { types: FILE_TYPES, roles: ['file'] })];
}

function outbound(facts: CaseFacts): OwnSignal[] {
  const [peer] = peers(facts);
  const stopped = facts.alerts.every(({ outcome }) => outcome === 'blocked');
  if (!peer || staysInside(peer) || !isOutbound(facts) || stopped) return [];
  const from = named([...hostsOf(facts), ...valuesOf(facts, 'src_ip')], 'An inside host');
  return [
    signal('outbound_connection', 15, `${from} reached ${peer.value}: it was not only scanned`, observableId(peer)),
  ];
}

function oddPort(facts: CaseFacts): OwnSignal[] {
  const port = facts.alerts.map(({ dest_port }) => dest_port).find((one) => one !== undefined && ODD_PORTS.has(one));
  return port === undefined ? [] : [signal('odd_port', 15, `Port ${port} is a default of remote-control programs`)];
}

function criticality(facts: CaseFacts): OwnSignal[] {
  const hosts = criticalHosts(facts);
  return hosts.length > 0 && letIn(facts)
    ? [signal('critical_host', 10, `${named(hosts, '')} is a critical host`)]
    : [];
}

const TYING: Tie = { types: ['host', 'user', 'ip'] };

/** The public ends: an inside address has no country of its own. */
function outsidePeers(facts: CaseFacts): Observable[] {
  return peers(facts).filter((one) => one.type === 'ip' && !staysInside(one));
}

function namedPeers(facts: CaseFacts): Observable[] {
  return pick(facts, { types: ['domain'], roles: ['link', 'destination'] });
}

/** An inside host that uses Tor hides something. From outside, sources have counted already what came through an exit. */
function hiddenTraffic(facts: CaseFacts): OwnSignal[] {
  return isOutbound(facts) ? torExit(facts, outsidePeers(facts), 20) : [];
}

/** True when one of the alerts says that it got through. */
function letIn(facts: CaseFacts): boolean {
  return anyAlert(facts, ({ outcome }) => outcome === 'allowed' || outcome === 'success');
}

/** Of the site's own scanners, which reach nobody outside. */
function allowedScan(facts: CaseFacts): string | undefined {
  const others = outsidePeers(facts).filter(({ value }) => scannerAt(value, facts.site) === undefined);
  return isOutbound(facts) || others.length > 0 || namedPeers(facts).length > 0 ? undefined : atScannersLeave(facts);
}

/** Scanners only knock: what one is sent, or is let in to do, is something else. */
function oddScanner(facts: CaseFacts, { guards }: Assessment): string | undefined {
  const ids = peers(facts).map(observableId);
  const scanner = guards.find(
    (one) =>
      one.group === KNOWN_SCANNERS &&
      ids.includes(one.observable) &&
      !(one.list === SITE_SCANNERS && allowedScan(facts) !== undefined),
  );
  if (!scanner) return undefined;
  if (!isInbound(facts)) return `${scanner.reason}, but it did not only knock from outside.`;
  return letIn(facts) ? `${scanner.reason}, but it was let in.` : undefined;
}

/** A resolver is asked for names: what the alert names beside it may be what this is about. */
function askedFor(facts: CaseFacts, { guards }: Assessment): string | undefined {
  const resolver = guards.find(
    ({ list, observable }) => list === RESOLVERS && peers(facts).map(observableId).includes(observable),
  );
  const harmless = new Set(guards.filter(({ kind }) => kind === 'benign').map(({ observable }) => observable));
  const names = facts.observables.filter(
    (one) =>
      one.roles.includes('mentioned') && !staysInside(one) && !harmless.has(observableId(one)) && !isReference(one),
  );
  if (!resolver || names.length === 0) return undefined;
  return `${resolver.reason}, but the alert also names ${named(
    names.map(({ value }) => value),
    '',
  )}.`;
}

/** What happened there, which a harmless address does not explain. */
function happened(facts: CaseFacts): string | undefined {
  if (executed(facts)) return 'Nothing accuses the address, but the alert says that something ran.';
  const files = unseenFiles(facts);
  if (files.length > 0) return `Nothing accuses the address, but nobody knows what a file holds: ${named(files, '')}.`;
  return abusedLeave(facts);
}

/** An open port lets everybody through; what a stranger wanted and got is told as a success. */
function attained(facts: CaseFacts): string | undefined {
  if (!isInbound(facts) || !anyAlert(facts, ({ outcome }) => outcome === 'success')) return undefined;
  return 'Nothing accuses the address, but what it tried from outside succeeded.';
}

/** Why a harmless address does not close it. */
function staysOpen(facts: CaseFacts, assessment: Assessment): string | undefined {
  return happened(facts) ?? oddScanner(facts, assessment) ?? attained(facts) ?? askedFor(facts, assessment);
}

function closes(facts: CaseFacts, assessment: Assessment): string | undefined {
  if (assessment.verdict !== 'benign' || staysOpen(facts, assessment) !== undefined) return undefined;
  return 'The address is benign.';
}

function escalates(facts: CaseFacts, { verdict }: Assessment): string | undefined {
  if (verdict === 'malicious') return 'The address is malicious.';
  return verdict === 'suspicious' && isOutbound(facts) ? 'An inside host talks to a suspicious address.' : undefined;
}

/** The inside end of what leaves; what an alert names as its destination is not it. */
function insideHost(facts: CaseFacts, bad: readonly string[]): string {
  const inside = peers(facts).filter((one) => staysInside(one) && one.roles.includes('source'));
  const addresses = inside.map(({ value }) => value);
  return named(without(hostsOf(facts), bad), named(addresses, 'the inside host'));
}

function without(values: readonly string[], others: readonly string[]): string[] {
  return values.filter((value) => !others.includes(value));
}

function recommendOutbound(facts: CaseFacts, verdict: Verdict, bad: readonly string[]): string[] {
  const [peer, host] = [named(bad, 'the address'), insideHost(facts, bad)];
  const outside = named(outsiders(facts, bad), '');
  return [
    `Find the program on ${host} that talks to ${peer}.`,
    ...(verdict === 'unknown' || outside === ''
      ? [`Search for other hosts that reached ${peer}.`]
      : [`Block ${outside} in both directions and search for other hosts that reached it.`]),
    ...(verdict === 'malicious' ? [`Isolate ${host} until that program is known.`] : []),
  ];
}

function recommend(facts: CaseFacts, assessment: Assessment): string[] {
  const { verdict } = assessment;
  const main = peers(facts)[0]?.value;
  const bad = unique([...(main === undefined ? [] : [main]), ...accused(assessment, ['ip', 'domain'])]);
  const peer = named(bad, 'the address');
  if (verdict === 'benign') {
    const why = staysOpen(facts, assessment);
    if (why !== undefined) return [`Find out what ${peer} was asked or answered, and why: ${why}`];
    return [`Nothing to do about ${peer}; tune the rule if it fires often.`];
  }
  if (isOutbound(facts)) return recommendOutbound(facts, verdict, bad);
  const host = named(without(hostsOf(facts), bad), named(without(valuesOf(facts, 'dest_ip'), bad), 'the host'));
  const check = `Check ${host} for anything that ${peer} got an answer from.`;
  const outside = named(outsiders(facts, bad), '');
  if (verdict === 'unknown') return [check, `Look up who ${peer} is, and whether others here saw it.`];
  return [...(outside === '' ? [] : [`Block ${outside} at the perimeter.`]), check];
}

/** An address outside that is one somebody's; those that documents use are taken for such. */
function outsider(text: string | undefined, site: SiteKnowledge): string | undefined {
  const ip = address(text);
  if (ip === undefined || PUBLIC_DNS.includes(ip)) return undefined;
  return ipFlags(ip, site).some((flag) => flag === 'private' || flag === 'own') ? undefined : ip;
}

/** The peer outside, whom the alert accuses; else the name it goes by. */
function correlatesBy(alert: Alert, site: SiteKnowledge): CorrelationFields | undefined {
  const [src, dest] = [outsider(alert.src_ip, site), outsider(alert.dest_ip, site)];
  const inside = address(alert.src_ip) !== undefined && src === undefined;
  const goesOut = alert.direction === 'outbound' || (alert.direction === undefined && inside);
  if (!goesOut && scannerAt(alert.src_ip, site) !== undefined) return undefined;
  const ip = goesOut ? (dest ?? src) : (src ?? dest);
  if (ip !== undefined) return { ip };
  const name = place(alert.domain, alert.dest_hostname, alert.src_hostname);
  return name === undefined || hostFlags(name, site).length > 0 ? undefined : { name };
}

export const suspiciousIp: Playbook = {
  type: 'suspicious_ip',
  title: 'Suspicious address',
  headline: ({ src_ip, src_hostname, dest_hostname, dest_ip, domain, hostname, host_ip }) =>
    phrase({ from: src_ip ?? src_hostname, to: dest_hostname ?? dest_ip ?? domain ?? hostname ?? host_ip }),
  techniques: [
    { id: 'T1071', when: ['outbound_connection'] },
    { id: 'T1571', when: ['odd_port'] },
    { id: 'T1090', when: ['tor_exit'] },
  ],
  recognisedBy: {
    techniques: ['T1071', 'T1090', 'T1095', 'T1571', 'T1572', 'T1573', 'T1595', 'T1046', 'T1190', 'T1568', 'T1219'],
    words:
      /suspicious (?:ip|address|connection|traffic|outbound|inbound)|malicious (?:ip|host|traffic|connection)|threat.?intel|blacklist|blocklist|command.and.control|\bC2\b|\bC&C\b|beacon|port.?scan|network.?scan|\btor\b.{0,12}(?:node|exit|relay)|dshield|botnet|exploit attempt/i,
  },
  correlatesBy,
  observables: (facts) => [...peers(facts), ...pick(facts, { types: FILE_TYPES, roles: ['file'] })],
  mustBeClean,
  clean: allowedScan,
  signals: (facts) => [
    ...outbound(facts),
    ...oddPort(facts),
    ...criticality(facts),
    ...watchedCountry(facts, outsidePeers(facts), 15),
    ...hiddenTraffic(facts),
    ...youngDomains(facts, namedPeers(facts), 15),
    ...earlierAlarms(facts, TYING, 15),
  ],
  closesWhen: closes,
  staysOpenWhen: (facts, assessment) => {
    const { verdict, complete } = assessment;
    if (!complete) return undefined;
    return verdict === 'benign' ? staysOpen(facts, assessment) : verdict === 'unknown' ? abusedLeave(facts) : undefined;
  },
  escalatesWhen: escalates,
  recommendations: (facts, assessment) => [...recommend(facts, assessment), ...lookAtEarlier(facts, TYING)],
};
