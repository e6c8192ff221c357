import { abusedLeave, atScannersLeave, scannerAt } from '../known-scanners';
import { toldKind } from '../about';
import type { Alert } from '../alert';
import { account, attacker, place, type CorrelationFields } from '../correlation-values';
import { counted } from '../counted';
import { firstMatch } from '../first-match';
import { observableId, staysInside, type Observable } from '../observable';
import type { CaseFacts, OwnSignal, Playbook } from '../playbook';
import type { SiteKnowledge } from '../site';
import type { Assessment } from '../verdict';
import {
  anyAlert,
  criticalHosts,
  executed,
  hostsOf,
  named,
  lookups,
  privilegedUsers,
  signal,
  unique,
  usersOf,
  valuesOf,
} from './case';
import {
  earlierAlarms,
  lookAtEarlier,
  onceForAll,
  type Tie,
  torExit,
  unexpectedCountry,
  VALID_ACCOUNTS,
  watchedCountry,
} from './context';
import { hostNamed } from './ends';
import { phrase } from './phrase';
import { accused, outsiders } from './suspects';

/** So many times the site's limit is no forgotten password. */
const FLOOD = 10;
/** Fewer failures before a login are a typo or two. */
const GUESSING = 5;
const UNCOUNTED =
  /\b(?:multiple|many|repeated|several|numerous|excessive|too many)\b.{0,60}\b(?:fail\w*|invalid|attempts?|guess\w*)\b|\bbrute.?forc|\bpassword.?spray|\bcredential.?stuffing/i;

/** Failures the alerts count; one that gives no count is one failure. */
function failures({ alerts }: CaseFacts): number {
  const of = ({ failed_attempts, outcome }: Alert) => failed_attempts ?? (outcome === 'failure' ? 1 : 0);
  return alerts.reduce((sum, alert) => sum + of(alert) * (alert.times ?? 1), 0);
}

/** Several failures are told of, but not how many. */
function uncounted(facts: CaseFacts): boolean {
  if (failures(facts) > 0) return false;
  const texts = facts.alerts.flatMap(({ rule_name, title, description }) => [rule_name, title, description]);
  return firstMatch(texts, UNCOUNTED) !== undefined;
}

/** Of a login, and not of packets that a firewall or an IDS let through. */
const LOGIN_ALLOWED =
  /\b(?:log-?[io]n|sign-?in|authentication|vpn session|access)\s(?:was |is )?(?:allowed|accepted|granted|success\w*|succeeded)\b/i;

/** True for an alert that says that somebody was let in. */
function isLogin({ outcome, title, rule_name, description }: Alert): boolean {
  if (outcome === 'allowed') return firstMatch([title, rule_name, description], LOGIN_ALLOWED) !== undefined;
  return outcome === 'success';
}

function successSeen(facts: CaseFacts): boolean {
  return anyAlert(facts, isLogin);
}

/** A login after so many failures that it may have been guessed. */
function guessed(facts: CaseFacts): boolean {
  return successSeen(facts) && (failures(facts) >= GUESSING || uncounted(facts));
}

/** What an allowed scanner does is told, and counts little. */
const AT_LEAVE_POINTS = 2;

function weigh(facts: CaseFacts, name: string, points: number, sentence: string): OwnSignal {
  if (successSeen(facts) || atScannersLeave(facts) === undefined) return signal(name, points, sentence);
  return signal(name, Math.min(points, AT_LEAVE_POINTS), `${sentence}, by a scanner that this site allows`);
}

function attempts(facts: CaseFacts): OwnSignal[] {
  const count = failures(facts);
  const many = facts.site.many_attempts;
  if (count < many) return [];
  const points = count >= many * FLOOD ? 25 : 15;
  return [weigh(facts, 'many_attempts', points, `${count} failed attempts; ${many} are many here`)];
}

function privileged(facts: CaseFacts): OwnSignal[] {
  const users = privilegedUsers(facts);
  return users.length > 0
    ? [weigh(facts, 'privileged_account', 15, `The privileged account ${named(users, '')} was tried`)]
    : [];
}

function success(facts: CaseFacts): OwnSignal[] {
  const count = failures(facts);
  if (!successSeen(facts)) return [];
  const user = named(usersOf(facts), 'an account');
  const after = (points: number, what: string) => [
    signal('success_after_failures', points, `${user} was let in ${what}`),
  ];
  if (uncounted(facts)) return after(35, 'after failures that nobody counted');
  if (count === 0) return [];
  const attempted = `after ${counted(count, 'failed attempt')}`;
  return count < GUESSING ? after(10, `${attempted}: a typo or two`) : after(55, attempted);
}

/** So many accounts from one source are one password tried on all of them. */
const SPRAYED = 5;
const SPRAYING = /password.?spray|^T1110\.003$/i;

function spray(facts: CaseFacts): OwnSignal[] {
  const users = usersOf(facts);
  const told = anyAlert(facts, ({ mitre = [], rule_name = '', title = '' }) =>
    [...mitre, rule_name, title].some((text) => SPRAYING.test(text.slice(0, 1000))),
  );
  if (users.length < SPRAYED && !told) return [];
  const what =
    users.length < SPRAYED ? 'Passwords were sprayed' : `${users.length} accounts were tried: ${named(users, '')}`;
  return [weigh(facts, 'password_spray', 15, what)];
}

/** Guessing in earnest at what hurts most. */
function criticality(facts: CaseFacts): OwnSignal[] {
  const hosts = criticalHosts(facts);
  if (hosts.length === 0 || failures(facts) < facts.site.many_attempts) return [];
  return [weigh(facts, 'critical_host', 15, `${named(hosts, '')} is a critical host`)];
}

const NO_SUCH_ACCOUNT =
  /\b(?:invalid|unknown|no such|non-?existent) (?:user|account)|\buser (?:unknown|not found)|\b0xc0000064\b|does not exist/i;
const WRONG_PASSWORD = /\b(?:wrong|bad|incorrect) password|\b0xc000006a\b|failed password for (?!invalid)/i;

/** Guessing at an account that there is gets further than guessing at names. */
function existingAccount(facts: CaseFacts): OwnSignal[] {
  const telling = facts.alerts.filter(({ title, description, rule_name, raw_log }) => {
    const says = (words: RegExp) => firstMatch([title, description, rule_name, raw_log], words) !== undefined;
    return says(WRONG_PASSWORD) && !says(NO_SUCH_ACCOUNT);
  });
  if (telling.length === 0) return [];
  const users = usersOf({ ...facts, alerts: telling });
  return [signal('valid_account', 5, `${named(users, 'The account')} exists: only the password was wrong`)];
}

/** From where nobody works, or from a network where nobody sits, a login that succeeded is hardly anybody's here. */
function origin(facts: CaseFacts): OwnSignal[] {
  const watched = watchedCountry(facts, sources(facts), 15);
  if (!successSeen(facts)) return watched;
  return [...watched, ...unexpectedCountry(facts, letIn(facts), 15), ...rentedSource(facts)];
}

/** The sources from which somebody was let in; any of them where the alert of the login names none. */
function letIn(facts: CaseFacts): Observable[] {
  const logins = facts.alerts.filter(isLogin);
  const theirs = new Set(logins.flatMap((alert) => [hostNamed(alert.src_ip), hostNamed(alert.src_hostname)]));
  const from = sources(facts).filter(({ value }) => theirs.has(value));
  return from.length > 0 ? from : sources(facts);
}

function rentedSource(facts: CaseFacts): OwnSignal[] {
  const found = letIn(facts).flatMap((peer) => {
    const id = observableId(peer);
    const told = toldKind(facts.told, id, 'anonymiser') ?? toldKind(facts.told, id, 'hosting');
    return told && !staysInside(peer) ? [{ peer, told }] : [];
  });
  return onceForAll('unusual_network', 15, found, ({ kinds }, several) => {
    const hides = kinds?.includes('anonymiser') ?? false;
    const anonymous = `${several ? 'anonymisers' : 'an anonymiser'} (proxy, VPN or Tor)`;
    return `${hides ? anonymous : 'in a data centre'}, and somebody was let in from there`;
  });
}

const TYING: Tie = { types: ['user', 'ip', 'domain'], guessesCount: true };

function escalates(facts: CaseFacts, assessment: Assessment): string | undefined {
  const { verdict } = assessment;
  if (guessed(facts)) return 'A login succeeded after failures: the guess may have been right.';
  if (verdict === 'malicious') return 'The source is malicious.';
  const users = privilegedUsers(facts);
  // what the text names beside a source outside is not who tried
  const trying = new Set(sources(facts).map(({ value }) => value));
  const isAccused = accused(assessment, ['ip', 'domain']).some((value) => trying.has(value));
  if (verdict === 'suspicious' && isAccused && users.length > 0)
    return `A suspicious source tries the privileged account ${named(users, '')}.`;
  return undefined;
}

/** What happened beside guessing, which a harmless source does not explain. */
function besideGuessing(facts: CaseFacts): string | undefined {
  if (successSeen(facts)) return 'Nothing accuses the source, but a login succeeded: its owner must confirm it.';
  if (executed(facts)) return 'Nothing accuses the source, but something ran.';
  const files = valuesOf(facts, 'file_name', 'file_hash');
  if (files.length > 0)
    return `Nothing accuses the source, but a file is named, which is no guess: ${named(files, '')}.`;
  return abusedLeave(facts);
}

/** Why a harmless source does not close it. */
function staysOpen(facts: CaseFacts): string | undefined {
  const beside = besideGuessing(facts);
  if (beside !== undefined || atScannersLeave(facts) !== undefined) return beside;
  const count = failures(facts);
  if (count >= facts.site.many_attempts)
    return `Nothing accuses the source, but ${count} failed attempts are more than forgetting.`;
  const users = privilegedUsers(facts);
  return users.length > 0 && count >= GUESSING
    ? `Nothing accuses the source, but the privileged account ${named(users, '')} was tried ${count} times.`
    : undefined;
}

function afterBreakIn(source: string, block: string[], user: string, host: string): string[] {
  return [
    `Disable or reset ${user} and end its sessions on ${host}.`,
    `Review what ${user} did on ${host} since the login from ${source}.`,
    ...block,
    `Require a second factor for ${user}.`,
  ];
}

function recommend(facts: CaseFacts, assessment: Assessment): string[] {
  const { verdict } = assessment;
  const sources = unique([...valuesOf(facts, 'src_ip', 'src_hostname'), ...accused(assessment, ['ip', 'domain'])]);
  const source = named(sources, 'the source');
  const user = named(usersOf(facts), 'the account');
  const host = named(hostsOf(facts), 'the target');
  const outside = outsiders(facts, sources);
  const block = outside.length > 0 ? [`Block ${named(outside, '')} at the perimeter.`] : [];
  const accusing = verdict === 'malicious' || verdict === 'suspicious';
  if (successSeen(facts) && (accusing || guessed(facts))) return afterBreakIn(source, block, user, host);
  if (successSeen(facts)) {
    return [
      `Confirm with ${user} that the login to ${host} from ${source} was theirs.`,
      `If it was not, review what ${user} did on ${host} since.`,
    ];
  }
  if (verdict === 'benign') {
    const beside = besideGuessing(facts);
    const look = beside === undefined ? [] : [`Find out what happened on ${host}: ${beside}`];
    return [...look, `Ask ${user} whether the failed logins from ${source} were theirs.`];
  }
  return [
    ...(accusing ? block : []),
    `Check ${host} for successful logins of ${user} and from ${source}.`,
    ...(accusing ? [] : [`Ask ${user} whether the failed logins were theirs.`]),
    `Make sure that ${user} has a strong password and a second factor.`,
  ];
}

function sources(facts: CaseFacts): Observable[] {
  return lookups(facts, { types: ['ip', 'domain'], roles: ['source'] });
}

/** Every source by its address; by its name where no address is given. */
function mustBeClean(facts: CaseFacts): Observable[] {
  const all = sources(facts);
  const ips = all.filter(({ type }) => type === 'ip');
  return ips.length > 0 ? ips : all;
}

/** Whoever guesses; else whose account is guessed at, and where. */
function correlatesBy(alert: Alert, site: SiteKnowledge): CorrelationFields | undefined {
  if (scannerAt(alert.src_ip, site) !== undefined) return undefined;
  const src_ip = attacker(alert.src_ip, site);
  if (src_ip !== undefined) return { src_ip };
  const src_hostname = place(alert.src_hostname);
  if (src_hostname !== undefined) return { src_hostname };
  const username = account(alert.username ?? alert.dest_username);
  const host = place(alert.hostname, alert.host_ip, alert.dest_hostname, alert.dest_ip, alert.domain);
  return username === undefined || host === undefined ? undefined : { username, host };
}

export const bruteForce: Playbook = {
  type: 'brute_force',
  title: 'Brute force',
  headline: ({ username, src_ip, src_hostname, hostname, host_ip, dest_hostname, dest_ip, domain }) =>
    phrase({
      on: username,
      from: src_ip ?? src_hostname,
      at: hostname ?? host_ip ?? dest_hostname ?? dest_ip ?? domain,
    }),
  techniques: [
    { id: 'T1110' },
    { id: 'T1110.003', when: ['password_spray'] },
    { id: VALID_ACCOUNTS, when: ['success_after_failures'] },
    { id: 'T1090', when: ['tor_exit'] },
  ],
  recognisedBy: {
    techniques: ['T1110'],
    words:
      /brute.?force|password.?spray|credential.?stuffing|(?:multiple|many|repeated|excessive|too many) (?:failed|authentication|login|logon|invalid)|failed (?:password|login|logon)|login failure|authentication fail|account.?lock(?:ed|out)|sshd?.{0,12}(?:bruteforce|guess)/i,
    fields: [
      {
        confidence: 0.7,
        reason: 'it counts failed attempts',
        holds: ({ failed_attempts = 0 }) => failed_attempts >= 3,
      },
    ],
  },
  correlatesBy,
  observables: sources,
  mustBeClean,
  clean: (facts) => (successSeen(facts) ? undefined : atScannersLeave(facts)),
  signals: (facts) => [
    ...attempts(facts),
    ...spray(facts),
    ...privileged(facts),
    ...criticality(facts),
    ...existingAccount(facts),
    ...success(facts),
    ...origin(facts),
    ...torExit(facts, sources(facts), 10),
    ...earlierAlarms(facts, TYING, 15),
  ],
  closesWhen: (facts, { verdict }) =>
    verdict === 'benign' && staysOpen(facts) === undefined ? 'The source is benign and no login succeeded.' : undefined,
  staysOpenWhen: (facts, { verdict, complete }) => {
    if (!complete) return undefined;
    return verdict === 'benign' ? staysOpen(facts) : verdict === 'unknown' ? abusedLeave(facts) : undefined;
  },
  escalatesWhen: escalates,
  recommendations: (facts, assessment) => [...recommend(facts, assessment), ...lookAtEarlier(facts, TYING)],
};
