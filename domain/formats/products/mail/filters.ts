import { product } from '../../format';
import { bySteps, byTable, fromSyslog, turned } from '../../readings';
import { patterns } from '../../recognise';

export const amavis = product({
  name: 'amavis',
  title: 'Amavis',
  reference: 'https://www.amavis.org/README.customize.txt',
  recognise: patterns(
    /^\((?<session>[\w-]{1,40})\) (?<action>Blocked|Passed) (?<kind>[A-Z][A-Z-]{2,30})(?: \((?<name>[^)]{1,300})\))?(?:,| ) ?(?:\{(?<fate>[^}]{0,200})\},? ?)?.{0,80}?(?:\[(?<ip>[0-9a-fA-F.:]{3,45})\](?::\d{1,5})? )?(?:\[(?<origin>[0-9a-fA-F.:]{3,45})\] )?<(?<sender>[^>]{0,320})> -> (?<recipients><[^ ]{1,2000}?>)(?:,| )(?:.{0,400}?\bMessage-ID: <(?<message>[^>]{1,300})>)?(?:.{0,200}?\bmail_id: (?<mail>[\w+-]{1,40}))?(?:.{0,200}?\bSubject: "(?<subject>[^"]{0,500})")?(?:.{0,200}?\bHits: (?<hits>[\d.-]{1,12}))?/,
  ),
  fields: {
    alert_id: ['mail', 'session'],
    timestamp: fromSyslog('timestamp'),
    hostname: fromSyslog('host'),
    rule_name: ['name', 'kind'],
    title: [
      turned('name', (value) => `Mail with ${String(value)}`),
      turned('kind', (value) => `Mail: ${String(value)}`),
    ],
    severity: byTable('kind', { infected: 'medium', banned: 'medium', spam: 'low', spammy: 'low', '*': 'low' }),
    // the address in front is the relay's, the second where the mail came from first
    src_ip: ['origin', 'ip'],
    email_from: 'sender',
    email_to: turned('recipients', (value) => String(value).split(',')),
    email_subject: 'subject',
    outcome: byTable('action', { blocked: 'blocked', passed: 'allowed' }),
    event_class: ['kind', turned('name', (value) => `name/${String(value)}`)],
  },
});

export const mailScanner = product({
  name: 'mailscanner',
  title: 'MailScanner',
  reference: 'https://www.mailscanner.info/documentation/',
  recognise: patterns(
    /^Message (?<id>[\w.-]{4,40}) from (?<ip>[0-9a-fA-F.:]{3,45}) \((?<sender>[^)]{0,320})\) to (?<recipient>[^ ]{1,320}) is (?<kind>not spam|spam|infected|[^(]{3,60}?)(?: \((?<why>.{0,2000})\)?)?(?:,|$)/,
    /^(?<check>Infected message) (?<id>[\w.-]{4,40}) came from (?<ip>[0-9a-fA-F.:]{3,45})/,
    /^(?<check>Content Checks): .{1,200}? in (?:HTML )?message in (?<id>[\w.-]{4,40}) from (?<sender>[^ ]{1,320})/,
    /^(?<check>Virus Scanning|Content Checks): /,
  ),
  // the mail server's id of the message, of which each check has its say
  sharesId: () => true,
  fields: {
    alert_id: 'id',
    timestamp: fromSyslog('timestamp'),
    hostname: fromSyslog('host'),
    rule_name: [turned('kind', (value) => `Mail is ${String(value)}`), 'check'],
    severity: [
      byTable(['kind', 'check'], {
        ...{ 'not spam': 'low', infected: 'high', 'infected message': 'high', 'virus scanning': 'high' },
      }),
      bySteps(
        turned('why', (value) => /\bscore=(-?[\d.]{1,8})/.exec(String(value))?.[1]),
        { low: -1000, medium: 15 },
      ),
      byTable('kind', { spam: 'low' }),
    ],
    src_ip: 'ip',
    email_from: 'sender',
    email_to: 'recipient',
    event_class: ['kind', 'check'],
  },
});
