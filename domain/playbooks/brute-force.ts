import type { CaseFacts, OwnSignal, Playbook } from '../playbook';
import type { Assessment } from '../verdict';
import { anyAlert, hostsOf, named, lookups, privilegedUsers, signal, usersOf, valuesOf } from './case';

/** So many times the site's limit is no forgotten password. */
const FLOOD = 10;

/** Failures the alerts count; one that gives no count is one failure. */
function failures({ alerts }: CaseFacts): number {
  return alerts.reduce((sum, alert) => sum + (alert.failed_attempts ?? (alert.outcome === 'failure' ? 1 : 0)), 0);
}

function successSeen(facts: CaseFacts): boolean {
  return anyAlert(facts, ({ outcome }) => outcome === 'success');
}

function attempts(facts: CaseFacts): OwnSignal[] {
  const count = failures(facts);
  const many = facts.site.many_attempts;
  if (count < many) return [];
  const points = count >= many * FLOOD ? 25 : 15;
  return [signal('many_attempts', points, `${count} failed attempts; ${many} are many here`)];
}

function privileged(facts: CaseFacts): OwnSignal[] {
  const users = privilegedUsers(facts);
  return users.length > 0
    ? [signal('privileged_account', 15, `The privileged account ${named(users, '')} was tried`)]
    : [];
}

function success(facts: CaseFacts): OwnSignal[] {
  const count = failures(facts);
  if (!successSeen(facts) || count === 0) return [];
  const user = named(usersOf(facts), 'an account');
  return [signal('success_after_failures', 55, `${user} was let in after ${count} failed attempts`)];
}

function escalates(facts: CaseFacts, { verdict }: Assessment): string | undefined {
  if (successSeen(facts) && failures(facts) > 0)
    return 'A login succeeded after failures: the guess may have been right.';
  if (verdict === 'malicious') return 'The source is malicious.';
  const users = privilegedUsers(facts);
  if (verdict === 'suspicious' && users.length > 0)
    return `A suspicious source tries the privileged account ${named(users, '')}.`;
  return undefined;
}

function recommend(facts: CaseFacts, { verdict }: Assessment): string[] {
  const source = named(valuesOf(facts, 'src_ip', 'src_hostname'), 'the source');
  const user = named(usersOf(facts), 'the account');
  const host = named(hostsOf(facts), 'the target');
  if (successSeen(facts)) {
    return [
      `Disable or reset ${user} and end its sessions on ${host}.`,
      `Review what ${user} did on ${host} since the login from ${source}.`,
      `Block ${source} at the perimeter.`,
      `Require a second factor for ${user}.`,
    ];
  }
  if (verdict === 'benign') return [`Ask ${user} whether the failed logins from ${source} were theirs.`];
  return [
    `Block ${source} at the perimeter.`,
    `Check ${host} for successful logins of ${user} and from ${source}.`,
    `Make sure that ${user} has a strong password and a second factor.`,
  ];
}

export const bruteForce: Playbook = {
  type: 'brute_force',
  title: 'Brute force',
  techniques: ['T1110', 'T1110.001', 'T1110.003', 'T1078'],
  observables: (facts) => lookups(facts, { types: ['ip', 'domain'], roles: ['source'] }),
  signals: (facts) => [...attempts(facts), ...privileged(facts), ...success(facts)],
  closesWhen: (facts, { verdict }) =>
    verdict === 'benign' && !successSeen(facts) ? 'The source is benign and no login succeeded.' : undefined,
  escalatesWhen: escalates,
  recommendations: recommend,
};
