import { toldKind, toldOf, type Told } from '../about';
import { EARLIER_SOURCE, isAlarming, isProven, type EarlierIncident } from '../earlier';
import { observableId, parseObservableId, staysInside, type Observable, type ObservableType } from '../observable';
import { accountName } from '../normalise';
import type { CaseFacts, OwnSignal } from '../playbook';
import { offHours } from '../working-hours';
import { named, signal, unique } from './case';

/** Signals that several playbooks draw from what sources tell, from the site, and from what happened before. */

const DAY_MS = 86_400_000;

type Resting = Pick<OwnSignal, 'evidence'>;

function restingOn(own: OwnSignal, { evidence }: Told): OwnSignal & Resting {
  return { ...own, evidence };
}

/** By what earlier incidents are tied to a case. */
export interface Tie {
  types: readonly ObservableType[];
  /**
   * True where guessing at an account's password says something of the account. Elsewhere only that somebody got in does,
   * or anybody outside could cast suspicion on it.
   */
  guessesCount?: boolean;
}

function tiesOf(one: EarlierIncident, { types, guessesCount = false }: Tie): ReturnType<typeof parseObservableId>[] {
  const onlyGuessed = one.alert_type === 'brute_force' && !(one.techniques ?? []).includes(VALID_ACCOUNTS);
  return one.shares
    .map(parseObservableId)
    .filter(({ type }) => types.includes(type))
    .filter(({ type, value }) => type !== 'user' || !(isEverybodys(value) || (onlyGuessed && !guessesCount)));
}

/** Accounts that every machine has: two that name one have nothing in common. */
const EVERYBODYS: readonly string[] = [
  ...['system', 'local service', 'network service', 'anonymous logon', 'localsystem', 'nobody', 'www-data', '-'],
  ...['root', 'administrator', 'admin', 'guest', 'user', 'unknown', 'n/a', 'null', '(null)', 'none'],
];

function isEverybodys(account: string): boolean {
  return EVERYBODYS.includes(accountName(account)) || /^(?:nt service\\|dwm-\d|umfd-\d)/i.test(account);
}

/** The technique by which a guess that was right is known. */
export const VALID_ACCOUNTS = 'T1078';

export function isTied(one: EarlierIncident, tie: Tie): boolean {
  return tiesOf(one, tie).length > 0;
}

/** Earlier incidents that share one of these with the case, are held to be harm, and are still in force. */
function alarmsSharing({ earlier }: CaseFacts, tie: Tie): EarlierIncident[] {
  return earlier.filter((one) => isAlarming(one) && isTied(one, tie));
}

/** Those of them in which harm was proven, by id: what shares it is not harmless by what sources say. */
export function provenSharing(facts: CaseFacts, tie: Tie): string[] {
  return alarmsSharing(facts, tie)
    .filter(isProven)
    .map(({ id }) => id);
}

/**
 * What was judged to be harm within a day on the same host, user or source makes this less likely to be chance.
 * @param most points when one of them is malicious or confirmed; half of it when they are suspicious
 */
export function earlierAlarms(facts: CaseFacts, tie: Tie, most: number): OwnSignal[] {
  const alarms = alarmsSharing(facts, tie);
  if (alarms.length === 0) return [];
  const what = unique(alarms.flatMap((one) => tiesOf(one, tie).map(({ value }) => value)));
  const which = alarms.map(({ id, alert_type, verdict }) => `${id} (${alert_type.replaceAll('_', ' ')}, ${verdict})`);
  const sentence = `Within a day of it, ${named(what, '')} ${what.length === 1 ? 'was' : 'were'} part of ${named(which, '')}`;
  const proven = alarms.filter(isProven).length;
  const numbers = { incidents: alarms.length, proven };
  return [{ ...signal('earlier_alarm', proven > 0 ? most : most / 2, sentence), numbers, source: EARLIER_SOURCE }];
}

/** An address of the site itself is where the site is, wherever its network is registered. */
function countryOf({ told }: CaseFacts, peer: Observable): (Told & { country: string }) | undefined {
  return staysInside(peer) ? undefined : toldOf(told, observableId(peer), 'country');
}

function inCountry(facts: CaseFacts, peers: readonly Observable[], isMeant: (country: string) => boolean): PeerFact[] {
  return peers.flatMap((peer) => {
    const told = countryOf(facts, peer);
    return told && isMeant(told.country) ? [{ peer, told }] : [];
  });
}

/** A peer in a country from which this site expects nothing good. */
export function watchedCountry(facts: CaseFacts, peers: readonly Observable[], points: number): OwnSignal[] {
  const { watched } = facts.site.countries;
  const found = inCountry(facts, peers, (country) => watched.includes(country));
  return onceForAll(
    'watched_country',
    points,
    found,
    ({ country = '' }) => `in ${country}, a country that this site watches`,
  );
}

/**
 * A peer in a country where nobody of this site works; nothing where the site names no such countries. Those that it watches
 * are told as such.
 */
export function unexpectedCountry(facts: CaseFacts, peers: readonly Observable[], points: number): OwnSignal[] {
  const { expected, watched } = facts.site.countries;
  if (expected.length === 0) return [];
  const found = inCountry(facts, peers, (country) => !expected.includes(country) && !watched.includes(country));
  return onceForAll(
    'unexpected_country',
    points,
    found,
    ({ country = '' }) => `in ${country}, from where nobody of this site works`,
  );
}

export function torExit(facts: CaseFacts, peers: readonly Observable[], points: number): OwnSignal[] {
  const found = peers.flatMap((peer) => {
    const told = toldKind(facts.told, observableId(peer), 'tor');
    return told ? [{ peer, told }] : [];
  });
  return onceForAll('tor_exit', points, found, (_told, several) => (several ? 'Tor exits' : 'a Tor exit'));
}

/** Something that happened when nobody works here. */
export function atOffHours(facts: CaseFacts, points: number): OwnSignal[] {
  const { alerts, site } = facts;
  const when = alerts
    .flatMap(({ timestamp }) => (timestamp === undefined ? [] : [offHours(timestamp, site.working_hours)]))
    .find((moment) => moment !== undefined);
  return when === undefined ? [] : [signal('off_hours', points, `It happened on ${when}, when nobody works here`)];
}

/** Domains that were registered a short time before they were met. */
export function youngDomains(facts: CaseFacts, domains: readonly Observable[], points: number): OwnSignal[] {
  const metAt = Math.min(...facts.alerts.map(({ timestamp }) => Date.parse(timestamp ?? facts.now)));
  return domains.flatMap((domain) => {
    const told = toldOf(facts.told, observableId(domain), 'registered');
    if (!told) return [];
    const days = Math.floor((metAt - Date.parse(told.registered)) / DAY_MS);
    if (!(days >= 0 && days < facts.site.young_domain_days)) return [];
    const age = days === 0 ? 'on the same day' : days === 1 ? 'the day before' : `${days} days before`;
    const sentence = `${domain.value} was registered ${age}; ${facts.site.young_domain_days} days are young here`;
    return [restingOn(signal('young_domain', points, sentence, observableId(domain)), told)];
  });
}

/** A fact about a peer, and the row that it rests on. */
export interface PeerFact {
  peer: Observable;
  told: Told;
}

/**
 * One signal for a fact, of however many peers it is true: ten addresses in one country are no ten reasons. Of several it is
 * about none of them, so that a list which caps what is said of one hides nothing. Each is told with what is true of it.
 * @param what completes "192.0.2.1 is …"; of several peers "… are …"
 */
export function onceForAll(
  name: string,
  points: number,
  facts: readonly PeerFact[],
  what: (told: Told, several: boolean) => string,
): OwnSignal[] {
  const ordered = facts.toSorted((a, b) => (observableId(a.peer) < observableId(b.peer) ? -1 : 1));
  const [first, ...others] = ordered;
  if (!first) return [];
  const parts = unique(ordered.map(({ told }) => what(told, false))).map((one) => {
    const alike = ordered.filter(({ told }) => what(told, false) === one);
    const peers = alike.map(({ peer }) => peer.value);
    return alike.length > 1
      ? `${named(peers, '')} are ${what((alike[0] ?? first).told, true)}`
      : `${named(peers, '')} is ${one}`;
  });
  const about = others.length === 0 ? observableId(first.peer) : undefined;
  return [{ ...signal(name, points, parts.join('; '), about), evidence: first.told.evidence }];
}

/** What to look at beside this incident. */
export function lookAtEarlier(facts: CaseFacts, tie: Tie): string[] {
  const ids = alarmsSharing(facts, tie).map(({ id }) => id);
  return ids.length === 0
    ? []
    : [`Look at it together with ${named(ids, '')}, which shares its hosts, accounts or sources.`];
}
