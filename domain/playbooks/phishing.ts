import { registeredDomain } from '../hostnames';
import { normaliseEmail } from '../normalise';
import { observableId } from '../observable';
import type { CaseFacts, OwnSignal, Playbook } from '../playbook';
import type { Assessment } from '../verdict';
import { anyAlert, FILE_TYPES, named, lookups, pick, signal, usersOf, valuesOf } from './case';
import { imitatedDomain } from './look-alike';

function clicked(facts: CaseFacts): boolean {
  return anyAlert(facts, (alert) => alert.clicked === true || alert.executed === true);
}

function domainOf(address: string | undefined): string | undefined {
  const value = address === undefined ? undefined : normaliseEmail(address);
  return value?.slice(value.lastIndexOf('@') + 1);
}

function lookAlikes(facts: CaseFacts): OwnSignal[] {
  const domains = pick(facts, { types: ['domain'], roles: ['sender', 'reply_to', 'link', 'destination'] });
  return domains.flatMap((domain) => {
    const real = imitatedDomain(domain.value, facts.site.own_domains);
    if (real === undefined) return [];
    return [signal('look_alike_domain', 30, `${domain.value} imitates ${real}`, observableId(domain))];
  });
}

function foreignReply(facts: CaseFacts): OwnSignal[] {
  const alert = facts.alerts.find(({ email_from, reply_to }) => {
    const [from, to] = [domainOf(email_from), domainOf(reply_to)];
    return from !== undefined && to !== undefined && registeredDomain(from) !== registeredDomain(to);
  });
  if (!alert) return [];
  const [from, to] = [domainOf(alert.email_from) ?? '', domainOf(alert.reply_to) ?? ''];
  return [signal('reply_to_mismatch', 20, `The mail is from ${from}, but replies go to ${to}`)];
}

function exposure(facts: CaseFacts): OwnSignal[] {
  if (!clicked(facts)) return [];
  return [signal('clicked', 10, `${named(recipients(facts), 'The recipient')} opened the link or the attachment`)];
}

function recipients(facts: CaseFacts): string[] {
  const addressed = [...new Set(facts.alerts.flatMap(({ email_to }) => email_to ?? []))];
  return addressed.length > 0 ? addressed : usersOf(facts);
}

function escalates(facts: CaseFacts, { verdict }: Assessment): string | undefined {
  if (verdict === 'malicious') return 'The mail is malicious.';
  if (verdict === 'suspicious' && clicked(facts))
    return 'The mail is suspicious, and its link or attachment was opened.';
  return undefined;
}

function recommend(facts: CaseFacts, { verdict }: Assessment): string[] {
  const who = named(recipients(facts), 'the recipient');
  const sender = named(valuesOf(facts, 'email_from'), 'the sender');
  if (verdict === 'benign')
    return [`Tell ${who} that the mail from ${sender} is harmless, and thank them for the report.`];
  const lures = pick(facts, { types: ['url', 'domain'], roles: ['link'] }, { types: FILE_TYPES, roles: ['file'] });
  const lure = named(
    lures.map(({ value }) => value),
    '',
  );
  return [
    `Remove the mail from ${sender} from all mailboxes.`,
    ...(lure === ''
      ? [`Block ${sender} at the mail gateway.`]
      : [`Block ${sender} and ${lure} at mail gateway and proxy.`]),
    ...(clicked(facts) ? [`Reset the password of ${who}, end all sessions, and check the host that opened it.`] : []),
    'Search for further recipients of the same mail.',
  ];
}

/** What can do harm stands first: a clean sender domain says nothing of the link, as senders are easily forged. */
export const phishing: Playbook = {
  type: 'phishing',
  title: 'Phishing',
  techniques: ['T1566', 'T1566.001', 'T1566.002', 'T1598'],
  observables: (facts) =>
    lookups(
      facts,
      { types: ['url'], roles: ['link'] },
      { types: FILE_TYPES, roles: ['file'] },
      { types: ['url'], roles: ['mentioned'] },
      { types: ['domain'], roles: ['sender'] },
      { types: ['domain'], roles: ['link', 'reply_to', 'destination'] },
      { types: ['ip'], roles: ['source', 'link'] },
    ),
  signals: (facts) => [...lookAlikes(facts), ...foreignReply(facts), ...exposure(facts)],
  closesWhen: (facts, { verdict }) =>
    verdict === 'benign' && !clicked(facts) ? 'The mail is benign and nobody clicked.' : undefined,
  escalatesWhen: escalates,
  recommendations: recommend,
};
