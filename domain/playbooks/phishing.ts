import type { Alert } from '../alert';
import { linkTarget, sender, type CorrelationFields } from '../correlation-values';
import { isWithin, registeredDomain } from '../hostnames';
import { ipFlags } from '../network';
import { mailAddresses } from '../mail-addresses';
import { FILE_TYPES, observableId, type Observable } from '../observable';
import type { CaseFacts, OwnSignal, Playbook } from '../playbook';
import { unreadHosts } from '../unread-links';
import type { Assessment } from '../verdict';
import { named, lookups, pick, signal, unique, unseenFiles, usersOf, valuesOf } from './case';
import { earlierAlarms, lookAtEarlier, provenSharing, type Tie, youngDomains } from './context';
import { leadsOn } from './leads-on';
import { imitated } from './look-alike';
import { phrase } from './phrase';
import { accused, hostOf, withoutLinkedHosts } from './suspects';

/** The alerts that say that somebody opened what the mail brought. */
function clicks({ alerts }: CaseFacts): Alert[] {
  return alerts.filter((alert) => alert.clicked === true || alert.executed === true);
}

function clicked(facts: CaseFacts): boolean {
  return clicks(facts).length > 0;
}

/** The domains of the addresses that a field names, undefined for each that cannot be read; `none` and the like name none. */
function domainsOf(field = ''): (string | undefined)[] {
  const addresses = field.includes('@') ? mailAddresses(field) : [];
  return addresses.map((address) => address?.slice(address.lastIndexOf('@') + 1));
}

/** Whom the mail comes from and where it leads. */
function mailDomains(facts: CaseFacts): Observable[] {
  return pick(facts, { types: ['domain'], roles: ['sender', 'reply_to', 'link', 'destination'] });
}

function lookAlikes(facts: CaseFacts): OwnSignal[] {
  const { own_domains, known_destinations } = facts.site;
  return mailDomains(facts).flatMap((domain) => {
    const found = imitated(domain.value, [...own_domains, ...known_destinations]);
    if (found === undefined) return [];
    const sentence = `${domain.value} imitates ${found.real}: ${found.how}`;
    return [signal('look_alike_domain', 30, sentence, observableId(domain))];
  });
}

/** Where anybody puts up a page under a name that everybody trusts. */
const PAGE_BUILDERS: readonly string[] = [
  ...[
    'sites.google.com',
    'docs.google.com',
    'forms.gle',
    'forms.office.com',
    'web.app',
    'firebaseapp.com',
    'github.io',
  ],
  ...[
    'blob.core.windows.net',
    'web.core.windows.net',
    'pages.dev',
    'workers.dev',
    'r2.dev',
    'netlify.app',
    'vercel.app',
  ],
  ...['weebly.com', 'wixsite.com', 'webflow.io', 'glitch.me', 'typeform.com', 'jotform.com', 'godaddysites.com'],
];

function hostedPage(facts: CaseFacts): OwnSignal[] {
  const page = pick(facts, { types: ['url'], roles: ['link', 'mentioned'] }).find((link) =>
    isWithin(hostOf(link), PAGE_BUILDERS),
  );
  if (!page) return [];
  return [
    signal('hosted_page', 10, `The link leads to ${hostOf(page)}, where anybody puts up a page`, observableId(page)),
  ];
}

function isOurs({ type, flags }: Observable): boolean {
  return flags.includes('own') && (type === 'url' || type === 'domain');
}

/** A page of ours that may lead on to another host, or is too long for anybody to say. */
function ledOn({ type, value }: Observable, unread: ReadonlySet<string>): boolean {
  return type === 'url' ? leadsOn(value) : unread.has(value);
}

/** Every mail comes from a sender and from an address of this site: what it links to of ours is ours to answer for. */
function isInternal({ alerts, site }: CaseFacts): boolean {
  const isOwn = (domain: string | undefined) => isWithin(domain ?? '', site.own_domains);
  return alerts.every(({ email_from, reply_to, src_ip }) => {
    const from = domainsOf(email_from);
    if (src_ip === undefined || from.length === 0 || ![...from, ...domainsOf(reply_to)].every(isOwn)) return false;
    return ipFlags(src_ip, site).some((flag) => flag === 'own' || flag === 'private');
  });
}

/** A page of ours shows nothing of a mail from outside that quotes it; nor does one that leads on. */
function knownClean(facts: CaseFacts, one: Observable): string | undefined {
  if (!isOurs(one) || ledOn(one, unreadHosts(facts.alerts)) || !isInternal(facts)) return undefined;
  return `${one.value} is a page of this site, in a mail from inside`;
}

/** The first domain to which replies go though the mail is from another; '' where an address cannot be read. */
function foreignDomain({ email_from, reply_to }: Alert, own: readonly string[]): string | undefined {
  const senders = domainsOf(email_from).filter((domain) => domain !== undefined);
  const isOwn = (domain: string) => isWithin(domain, own);
  const belongs = (domain: string) =>
    senders.some((sender) => registeredDomain(sender) === registeredDomain(domain) || (isOwn(sender) && isOwn(domain)));
  return domainsOf(reply_to)
    .map((domain) => domain ?? '')
    .find((domain) => domain === '' || !belongs(domain));
}

function foreignReply({ alerts, site }: CaseFacts): OwnSignal[] {
  const [found] = alerts.flatMap((alert) => {
    const to = foreignDomain(alert, site.own_domains);
    return to === undefined ? [] : [{ alert, to: to || 'an address that cannot be read' }];
  });
  if (!found) return [];
  const from = domainsOf(found.alert.email_from).find((domain) => domain !== undefined) ?? 'nobody that can be read';
  return [signal('reply_to_mismatch', 20, `The mail is from ${from}, but replies go to ${found.to}`)];
}

function exposure(facts: CaseFacts): OwnSignal[] {
  if (!clicked(facts)) return [];
  return [signal('clicked', 10, `${openers(facts, 'Somebody')} opened the link or the attachment`)];
}

/** Who opened it: the user named with the click, else the only one who got the mail, else somebody among those. */
function openers(facts: CaseFacts, otherwise: string): string {
  const users = unique(clicks(facts).flatMap(({ username }) => username ?? []));
  if (users.length > 0) return named(users, '');
  const addressed = recipients(facts);
  return addressed.length > 1 ? `${otherwise} among ${named(addressed, '')}` : named(addressed, otherwise);
}

const TYING: Tie = { types: ['email', ...FILE_TYPES] };

function recipients(facts: CaseFacts): string[] {
  const addressed = [...new Set(facts.alerts.flatMap(({ email_to }) => email_to ?? []))];
  return addressed.length > 0 ? addressed : usersOf(facts);
}

/** What clean links and attachments do not explain: why a mail of which all is clean stays open. */
function staysOpen(facts: CaseFacts): string | undefined {
  if (foreignReply(facts).length > 0) return 'Links and attachments are clean, but replies go to somebody else.';
  const [odd] = [...lookAlikes(facts), ...youngDomains(facts, mailDomains(facts), 20)];
  if (odd) return `Links and attachments are clean, but ${odd.sentence}.`;
  const files = unseenFiles(facts);
  if (files.length > 0)
    return `What is known of it is clean, but an attachment is named whose hash nobody gave: ${named(files, '')}.`;
  const proven = provenSharing(facts, TYING);
  if (proven.length > 0)
    return `What is known of it is clean, but sender or attachment did harm the same day: ${named(proven, '')}.`;
  return clicked(facts) ? `Links and attachments are clean, but ${openers(facts, 'somebody')} opened them.` : undefined;
}

function escalates(facts: CaseFacts, { verdict }: Assessment): string | undefined {
  if (verdict === 'malicious') return 'The mail is malicious.';
  if (verdict === 'suspicious' && clicked(facts))
    return 'The mail is suspicious, and its link or attachment was opened.';
  return undefined;
}

/** Every link, those in the text too, and every attachment; a domain that is only the sender's is neither. */
function mustBeClean(facts: CaseFacts): Observable[] {
  const links = pick(facts, { types: ['url'], roles: ['link', 'mentioned'] });
  const hosts = pick(
    facts,
    { types: ['domain', 'ip'], roles: ['link'] },
    { types: ['domain'], roles: ['destination'] },
  );
  const forged = ({ roles }: Observable) =>
    !roles.includes('link') && roles.some((role) => role === 'sender' || role === 'reply_to');
  const files = pick(facts, { types: FILE_TYPES, roles: ['file', 'mentioned'] });
  // of a link that is too long only the host is left, wherever the mail names it
  const unread = unreadHosts(facts.alerts);
  const left = facts.observables.filter(({ type, value }) => (type === 'domain' || type === 'ip') && unread.has(value));
  const shown = withoutLinkedHosts([...links, ...hosts.filter((host) => !forged(host))], facts);
  const all = [...new Set([...shown, ...left])];
  // what is quoted of ours needs nobody to show it, and shows nothing
  const strange = isInternal(facts) ? all : all.filter((one) => !isOurs(one) || ledOn(one, unread));
  return [...strange, ...files];
}

function asked(facts: CaseFacts): string[] {
  const opener = openers(facts, 'whoever opened it');
  return clicked(facts) ? [`Ask ${opener} what was opened and what was entered.`] : [];
}

function recommend(facts: CaseFacts, assessment: Assessment): string[] {
  const { verdict } = assessment;
  const who = named(recipients(facts), 'the recipient');
  const sender = named(valuesOf(facts, 'email_from'), 'the sender');
  if (verdict === 'benign') {
    const why = staysOpen(facts);
    return why === undefined
      ? [`Tell ${who} that the mail from ${sender} is harmless, and thank them for the report.`]
      : [`Look at the mail from ${sender} in a safe place: ${why}`, ...asked(facts)];
  }
  const lures = pick(facts, { types: ['url', 'domain'], roles: ['link'] }, { types: FILE_TYPES, roles: ['file'] });
  const bad = accused(assessment, ['url', 'domain', 'ip', ...FILE_TYPES]);
  const lure = named(unique([...bad, ...lures.map(({ value }) => value)]), '');
  const search = 'Search for further recipients of the same mail.';
  const opener = openers(facts, 'whoever opened it');
  const reset = clicked(facts)
    ? [`Reset the password of ${opener}, end all sessions, and check the host that opened it.`]
    : [];
  if (verdict === 'unknown') {
    return [
      `Look at the mail from ${sender}${lure === '' ? '' : ` and at ${lure}`} in a safe place.`,
      ...asked(facts),
      search,
    ];
  }
  return [
    `Remove the mail from ${sender} from all mailboxes.`,
    ...(lure === ''
      ? [`Block ${sender} at the mail gateway.`]
      : [`Block ${sender} and ${lure} at mail gateway and proxy.`]),
    ...reset,
    search,
  ];
}

/** What can do harm stands first: a clean sender domain says nothing of the link, as senders are easily forged. */
/** Who sent it; else where it leads. */
function correlatesBy({ email_from, url, urls = [], domain }: Alert): CorrelationFields | undefined {
  const from = sender(email_from);
  if (from !== undefined) return { email_from: from };
  return [url, ...urls, domain].map(linkTarget).find((target) => target !== undefined);
}

export const phishing: Playbook = {
  type: 'phishing',
  title: 'Phishing',
  headline: ({ email_from, email_to }) => phrase({ from: email_from, to: email_to?.[0] }),
  techniques: [
    { id: 'T1566' },
    { id: 'T1656', when: ['look_alike_domain', 'reply_to_mismatch'] },
    { id: 'T1583.001', when: ['young_domain', 'look_alike_domain'] },
    { id: 'T1204', when: ['clicked'] },
  ],
  recognisedBy: {
    techniques: ['T1566', 'T1598', 'T1534', 'T1656'],
    words:
      /phish|spoofed (?:mail|email|sender)|business email compromise|\bBEC\b|malicious (?:e-?mail|link|url)|credential.?harvest|suspicious e-?mail/i,
    fields: [
      {
        confidence: 0.6,
        reason: 'it is about a mail from somebody',
        holds: ({ email_from }) => email_from !== undefined,
      },
    ],
  },
  correlatesBy,
  observables: (facts) =>
    lookups(
      facts,
      { types: ['url'], roles: ['link'] },
      { types: FILE_TYPES, roles: ['file'] },
      { types: ['url'], roles: ['mentioned'] },
      { types: FILE_TYPES, roles: ['mentioned'] },
      { types: ['domain'], roles: ['sender'] },
      { types: ['email'], roles: ['sender', 'reply_to'] },
      { types: ['domain'], roles: ['link', 'reply_to', 'destination'] },
      { types: ['ip'], roles: ['source', 'link'] },
    ),
  mustBeClean,
  knownClean,
  signals: (facts) => [
    ...lookAlikes(facts),
    ...youngDomains(facts, mailDomains(facts), 20),
    ...hostedPage(facts),
    ...foreignReply(facts),
    ...exposure(facts),
    ...earlierAlarms(facts, TYING, 15),
  ],
  closesWhen: (facts, { verdict }) =>
    verdict === 'benign' && staysOpen(facts) === undefined ? 'The mail is benign and nobody clicked.' : undefined,
  staysOpenWhen: (facts, { verdict }) => (verdict === 'benign' ? staysOpen(facts) : undefined),
  escalatesWhen: escalates,
  recommendations: (facts, assessment) => [...recommend(facts, assessment), ...lookAtEarlier(facts, TYING)],
};
